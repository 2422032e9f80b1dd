package setup

import "strings"

// The corpus: files as they are met with, and as they should not be.

const prog = "/usr/local/bin/noxkey"

var jsonFiles = map[string]string{
	"none":             "",
	"newline":          "\n",
	"blank":            "  \r\n\t\n",
	"empty":            "{}",
	"empty newline":    "{}\n",
	"empty spaced":     "{ }",
	"empty lines":      "{\n}\n",
	"empty lines in":   "{\n\n  \n}",
	"empty crlf":       "{\r\n}\r\n",
	"bom only":         "\xef\xbb\xbf",
	"bom":              "\xef\xbb\xbf{\n  \"a\": 1\n}\n",
	"one line":         `{"a":1,"b":[2,{"c":null}]}`,
	"one line spaced":  `{ "a": 1, "KEY": {} }`,
	"no newline":       "{\n  \"a\": 1\n}",
	"tabs":             "{\n\t\"a\": {\n\t\t\"b\": true\n\t},\n\t\"KEY\": {\n\t\t\"other\": {\n\t\t\t\"command\": \"x\"\n\t\t}\n\t}\n}\n",
	"four":             "{\n    \"KEY\": {\n        \"other\": {\"command\": \"x\", \"env\": {\"TOKEN\": \"s3cr3t\"}}\n    }\n}\n",
	"crlf":             "{\r\n  \"KEY\": {\r\n    \"other\": {\r\n      \"command\": \"x\"\r\n    }\r\n  }\r\n}\r\n",
	"empty list":       "{\n  \"KEY\": {}\n}\n",
	"empty list deep":  "{\n  \"KEY\": {\n  }\n}\n",
	"comments":         "// mine\n{ // brace\n  /* one */ \"a\": 1, // two\n  // three\n  \"KEY\": { // four  \n    // five\n    \"other\": { \"command\": \"x\" }, // six\n  },\n} // seven\n/* eight */",
	"comment in list":  "{\n  \"KEY\": {\n    // none yet\n  }\n}\n",
	"comment on brace": "{\n  \"KEY\": { // none yet \t\r\n  }\n}\n",
	"comment bare":     "{//\n}",
	"block in list":    "{\"KEY\": {/* none */}}",
	"block before":     "/**/{/**/\"a\"/**/:/**/1/**/}/**/",
	"trailing commas":  "{\n  \"a\": [1, 2,],\n  \"KEY\": {\n    \"other\": {\"command\": \"x\",},\n  },\n}\n",
	"minified list":    `{"KEY":{"a":{"command":"x"},"b":{"url":"https://x"}},"z":1}`,
	"unicode":          "{\n  \"näme\": \"☃\\u2603\\ud83d\\ude00\",\n  \"KEY\": {\"ünï\": {\"command\": \"x\"}}\n}\n",
	"same name deeper": "{\n  \"projects\": {\"/x\": {\"KEY\": {\"noxkey\": {\"command\": \"y\"}}}},\n  \"n\": 12345678901234567890.5e3\n}\n",
	"brace in string":  "{\n  \"a\": \"} // not a comment, \\\" {\",\n  \"KEY\": {\"b\": {\"command\": \"{\"}}\n}\n",
	"indent none":      "{\n\"a\": 1,\n\"KEY\": {\n\"o\": {}\n}\n}\n",
	"key last":         "{\n  \"a\": 1,\n  \"KEY\": {\n    \"o\": {}\n  }\n}",
	"odd spaces":       "\n\n   {  \n\n  \"KEY\"  :  {  \n\n  \"o\" : { } , \n\n }  \n}  \n\n",
}

var hookFiles = map[string]string{
	"events empty":   "{\n  \"hooks\": {\n    \"PreToolUse\": [],\n    \"PostToolUse\": [ ]\n  }\n}\n",
	"hooks empty":    "{\n  \"hooks\": {}\n}\n",
	"hooks one line": `{"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"./x.sh"}]}]}}`,
	"hooks others": "{\n  \"permissions\": {\n    \"allow\": [\"Bash(go test:*)\"]\n  },\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": [\n          {\n            \"type\": \"command\",\n            \"command\": \"say done\"\n          }\n        ]\n      }\n    ],\n" +
		"    \"PostToolUse\": [\n      {\n        \"matcher\": \"Write|Edit\",\n        \"hooks\": [\n          {\n            \"type\": \"command\",\n            \"command\": \"gofmt -w .\"\n          }\n        ]\n      }\n    ]\n  }\n}\n",
	"hooks comments": "{\n  \"hooks\": { // mine\n    // before\n    \"PreToolUse\": [ // list\n      {\"hooks\": []}, // odd\n    ],\n  },\n}\n",
}

// nestedFiles are of OpenCode's version 2.
var nestedFiles = map[string]string{
	"v2":          "{\n  \"mcp\": {\n    \"servers\": {\n      \"a\": {\"type\": \"local\", \"command\": [\"x\"]}\n    }\n  }\n}\n",
	"v2 empty":    "{\n  \"mcp\": {\"servers\": {}, \"timeout\": 5}\n}\n",
	"v2 comments": "{\n  \"mcp\": { // mine\n    \"servers\": { // none\n    },\n  },\n}\n",
	"v1 servers":  "{\"mcp\": {\"servers\": {\"type\": \"local\", \"command\": [\"x\"]}}}",
}

var tomlFiles = map[string]string{
	"none":          "",
	"newline":       "\n",
	"blank lines":   "\n\n\n",
	"crlf newline":  "\r\n",
	"bom":           "\xef\xbb\xbfmodel = \"x\"\n",
	"plain":         "model = \"gpt-5.5\"\napproval_policy = \"on-request\"\n",
	"no newline":    "model = \"gpt-5.5\"",
	"comment end":   "model = \"gpt-5.5\" # mine",
	"crlf":          "model = \"x\"\r\n\r\n[mcp_servers.other]\r\ncommand = \"y\"\r\n",
	"crlf no end":   "model = \"x\"\r\n[mcp_servers.other]\r\ncommand = \"y\"",
	"other":         "[mcp_servers.other]\ncommand = \"npx\"\nargs = [\n  \"-y\", # yes\n  \"thing\",\n]\n\n[mcp_servers.other.env]\nTOKEN = \"s3cr3t\"\n",
	"others around": "# top\n[mcp_servers.a]\ncommand = \"a\"\n\n# about b\n[mcp_servers.b]\ncommand = \"b\"\n\n[profiles.deep]\nmodel = \"m\"\n",
	"inline":        "shell_environment_policy = { inherit = \"core\", set = { A = \"1\" } }\n[tools]\nweb = true\n",
	"dotted":        "a.b.c = 1\n'quoted key'.\"x.y\" = '''\n[mcp_servers.noxkey]\ncommand = \"not a table\"\n'''\n",
	"dotted server": "mcp_servers.other.command = \"x\"\nmcp_servers.other.args = []\n",
	"parent":        "[mcp_servers]\n\n[mcp_servers.other]\nurl = \"https://x\"\n",
	"parent dotted": "[mcp_servers]\nother.command = \"x\"\n",
	"arrays":        "[[hooks.PreToolUse]]\nmatcher = \"Bash\"\n[[hooks.PreToolUse.hooks]]\ntype = \"command\"\ncommand = \"\"\"\nx \\\n   y\"\"\"\n",
	"projects":      "[projects.\"/home/u/src\"]\ntrust_level = \"trusted\"\n\n\n",
	"dates":         "when = 1979-05-27T07:32:00Z\nn = [0xff, 1_000, inf, nan]\n   [ spaced . out ]   # c\n  x=1\n\t# end\n\n",
	"comment only":  "# nothing here\n#[mcp_servers.noxkey]\n#command = \"x\"\n",
}

var textFiles = map[string]string{
	"none":       "",
	"newline":    "\n",
	"no newline": "# Project\n\nRun the tests.",
	"plain":      "# Project\n\nRun the tests.\n",
	"lines":      "# Project\n\n\n",
	"crlf":       "# Project\r\n\r\nRun.\r\n",
	"mixed":      "a\r\nb\nc\r",
	"bom":        "\xef\xbb\xbf# Project\n",
	"cr end":     "a\nb\r",
	"latin1":     "caf\xe9\n",
}

// for the key of an agent's list.
func keyed(text, key string) string { return strings.ReplaceAll(text, "KEY", key) }

// corpus returns what belongs into p's kind of file, by name.
func corpus(p Part) map[string]string {
	out := map[string]string{}
	add := func(files map[string]string, keys ...string) {
		for _, k := range keys {
			for name, text := range files {
				out[name+" "+k] = keyed(text, k)
			}
		}
	}
	switch f := p.format.(type) {
	case codexServers:
		return tomlFiles
	case marked:
		return textFiles
	case hooks:
		add(jsonFiles, "hooks", "permissions")
		delete(out, "four hooks")
		for _, n := range []string{"tabs", "four", "crlf"} {
			delete(out, n+" hooks")
		}
		add(hookFiles, "")
	case servers:
		add(jsonFiles, f.places(nil, nil)[0].path[0])
		if f.places(nil, nil)[0].path[0] == "mcp" {
			add(nestedFiles, "")
		}
	}
	return out
}
