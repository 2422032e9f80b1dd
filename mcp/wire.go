package mcp

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"noxkey/secret"
)

// handle answers the requests of MCP that this server knows: the handshake, ping,
// and the two of tools. (A client of protocol 2026-07-28 asks for server/discover
// first, is told that there is no such method, and falls back to initialize, as
// that revision says.)
func (s *server) handle(ctx context.Context, method string, params json.RawMessage) (any, *rpcError) {
	switch mcp.MCPMethod(method) {
	case mcp.MethodInitialize:
		return s.initialize(params)
	case mcp.MethodPing:
		return struct{}{}, nil
	case mcp.MethodToolsList:
		return mcp.ListToolsResult{Tools: listing()}, nil
	case mcp.MethodToolsCall:
		return s.callTool(ctx, params)
	}
	return nil, &rpcError{rpcMethod, "this server has tools only: initialize, ping, tools/list, tools/call"}
}

func (s *server) initialize(params json.RawMessage) (any, *rpcError) {
	var p struct {
		Version string `json:"protocolVersion"`
	}
	if json.Unmarshal(params, &p) != nil {
		return nil, &rpcError{rpcParams, "initialize needs a protocolVersion"}
	}
	r := mcp.InitializeResult{
		ProtocolVersion: mcp.NegotiateLegacyVersion(p.Version),
		ServerInfo:      mcp.Implementation{Name: "noxkey", Title: "NoxKey", Version: s.opt.Version},
		Instructions:    instructions,
	}
	r.Capabilities.Tools = &struct {
		ListChanged bool `json:"listChanged,omitempty"`
	}{}
	return r, nil
}

// call is one use of a tool.
type call struct {
	ctx   context.Context
	args  *args
	token json.RawMessage // of the client, for progress; nil if it wants none
}

// result is what a tool answers: the same in words and as data. data is marshalled
// to fit the tool's output schema.
type result struct {
	text string
	data any
}

func (s *server) callTool(ctx context.Context, params json.RawMessage) (any, *rpcError) {
	var p struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
		Meta      struct {
			Token json.RawMessage `json:"progressToken"`
		} `json:"_meta"`
	}
	if json.Unmarshal(params, &p) != nil {
		return nil, &rpcError{rpcParams, "tools/call needs a name, and arguments that are an object"}
	}
	t := toolNamed(p.Name)
	if t == nil {
		return nil, &rpcError{rpcParams, "there is no such tool; tools/list names them"}
	}
	a, err := parseArgs(t, p.Arguments)
	if err != nil {
		return failed(err, nil), nil
	}
	c := &call{ctx: ctx, args: a}
	if len(p.Meta.Token) > 0 && validID(p.Meta.Token) {
		c.token = p.Meta.Token
	}
	r, err := t.run(s, c)
	if err != nil {
		return failed(err, s.near(c, err)), nil
	}
	return toolResult(r.text, r.data, false), nil
}

func toolResult(text string, data any, isError bool) mcp.CallToolResult {
	return mcp.CallToolResult{
		Content:           []mcp.Content{mcp.NewTextContent(text)},
		StructuredContent: data,
		IsError:           isError,
	}
}

// near suggests names for a request that named what is not there.
func (s *server) near(c *call, err error) []string {
	if secret.CodeOf(err) != secret.NotFound {
		return nil
	}
	entries, _, lerr := s.list(c)
	if lerr != nil {
		return nil // the error that counts is err
	}
	return nearest(c.args.wanted(), entries)
}
