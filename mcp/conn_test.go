package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"noxkey/secret"
)

// speak sends lines to a server one by one, and returns its answers after the
// end of its input.
func speak(t *testing.T, f *fake, lines ...string) []map[string]any {
	t.Helper()
	var out syncBuffer
	in := strings.Join(lines, "\n") + "\n"
	if err := Serve(t.Context(), f, options(make(chan *fakePipe, 100)), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	for sc := bufio.NewScanner(bytes.NewReader(out.Bytes())); sc.Scan(); {
		var m map[string]any
		if err := json.Unmarshal(sc.Bytes(), &m); err != nil || m["jsonrpc"] != "2.0" {
			t.Errorf("output is not JSON-RPC: %s", sc.Bytes())
		}
		list = append(list, m)
	}
	if leaks(out.Bytes()) {
		t.Errorf("the canary was written: %s", out.Bytes())
	}
	return list
}

const ping = `{"jsonrpc":"2.0","id":"p","method":"ping"}`

// Whatever comes in, the server answers as JSON-RPC says, and answers the ping
// that follows.
func TestGarbageOnStandardInput(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		line string
		code float64 // 0: no answer
	}{
		"text":             {"hello", rpcParse},
		"half":             {`{"jsonrpc":"2.0","id":1`, rpcParse},
		"bytes":            {"\xff\xfe\x00\x01", rpcParse},
		"batch":            {`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, rpcParse},
		"number":           {"42", rpcParse},
		"null":             {"null", rpcRequest},
		"empty object":     {"{}", rpcRequest},
		"old JSON-RPC":     {`{"id":1,"method":"ping"}`, rpcRequest},
		"null id":          {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, rpcRequest},
		"object id":        {`{"jsonrpc":"2.0","id":{},"method":"ping"}`, rpcRequest},
		"method a number":  {`{"jsonrpc":"2.0","id":1,"method":7}`, rpcParse},
		"unknown method":   {`{"jsonrpc":"2.0","id":1,"method":"resources/list"}`, rpcMethod},
		"discover":         {`{"jsonrpc":"2.0","id":1,"method":"server/discover"}`, rpcMethod},
		"unknown tool":     {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nox"}}`, rpcParams},
		"no parameters":    {`{"jsonrpc":"2.0","id":1,"method":"tools/call"}`, rpcParams},
		"list parameters":  {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}`, rpcParams},
		"initialize, odd":  {`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":7}}`, rpcParams},
		"too long":         {`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", maxLine) + `"}`, rpcRequest},
		"deep":             {strings.Repeat("[", 1<<19), rpcParse},
		"empty":            {"", 0},
		"carriage return":  {"\r", 0},
		"an answer":        {`{"jsonrpc":"2.0","id":1,"result":{}}`, 0},
		"a notification":   {`{"jsonrpc":"2.0","method":"notifications/initialized"}`, 0},
		"odd cancellation": {`{"jsonrpc":"2.0","method":"notifications/cancelled","params":7}`, 0},
		"cancel nothing":   {`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}`, 0},
	} {
		got := speak(t, &fake{}, tt.line, ping)
		want := 1
		if tt.code != 0 {
			want = 2
		}
		pinged, refused := false, false
		for _, m := range got {
			pinged = pinged || m["id"] == "p" && m["result"] != nil
			if e, ok := m["error"].(map[string]any); ok {
				refused = e["code"] == tt.code
			}
		}
		if len(got) != want || !pinged || refused != (tt.code != 0) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestArgumentsMustBeAnObject(t *testing.T) {
	t.Parallel()
	for _, args := range []string{`[]`, `"x"`, `7`} {
		got := speak(t, &fake{}, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"noxkey_show","arguments":`+args+`}}`)
		if len(got) != 1 || got[0]["result"].(map[string]any)["isError"] != true {
			t.Errorf("%s: %v", args, got)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"2024-11-05": "2024-11-05", "2025-06-18": "2025-06-18", "2025-11-25": "2025-11-25", "2099-01-01": "2025-11-25", "x": "2025-11-25",
	} {
		got := speak(t, &fake{}, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":%q}}`, asked))
		if v := got[0]["result"].(map[string]any)["protocolVersion"]; v != want {
			t.Errorf("%s: %v, want %s", asked, v, want)
		}
	}
}

// A cancellation may be the very next line: it must find its call.
func TestCancellationAtOnce(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 100)
	f := &fake{do: func(ctx context.Context, _ *secret.Request, _ func(secret.Answer) error) error {
		<-ctx.Done()
		ended <- struct{}{}
		return ctx.Err()
	}}
	inR, inW := io.Pipe()
	var out syncBuffer
	done := make(chan error, 1)
	go func() { done <- Serve(t.Context(), f, options(nil), inR, &out) }()
	for i := range 50 {
		fmt.Fprintf(inW, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"noxkey_show"}}`+"\n"+
			`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}`+"\n", i, i)
		<-ended
	}
	inW.Close()
	if err := <-done; err != nil || len(out.Bytes()) > 0 {
		t.Errorf("%v; a cancelled call was answered: %s", err, out.Bytes())
	}
}

func TestIDInUseAndTooMany(t *testing.T) {
	t.Parallel()
	f := &fake{do: func(ctx context.Context, _ *secret.Request, _ func(secret.Answer) error) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	call := func(id int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"noxkey_show"}}`, id)
	}
	var lines []string
	for id := range maxCalls {
		lines = append(lines, call(id))
	}
	codes := map[float64]int{}
	for _, m := range speak(t, f, append(lines, call(7), call(1000))...) {
		if e, ok := m["error"].(map[string]any); ok {
			codes[e["code"].(float64)]++
		}
	}
	if codes[rpcRequest] != 1 || codes[rpcBusy] != 1 {
		t.Errorf("codes %v", codes)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestBrokenOutputEndsTheServer(t *testing.T) {
	t.Parallel()
	inR, inW := io.Pipe()
	defer inW.Close()
	go io.WriteString(inW, ping+"\n")
	if err := Serve(t.Context(), &fake{}, options(nil), inR, brokenWriter{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestReadErrorIsReturned(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad disk")
	if err := Serve(t.Context(), &fake{}, options(nil), io.MultiReader(strings.NewReader(ping), iotestErr{bad}), io.Discard); !errors.Is(err, bad) {
		t.Error(err)
	}
}

type iotestErr struct{ error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.error }

// BenchmarkStart is a server's whole life up to the list of its tools, in a process
// that runs already. What linking the package costs a process is in its init.
func BenchmarkStart(b *testing.B) {
	in := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}` + "\n" +
		`{"jsonrpc":"2.0","id":2,"method":"tools/list"}` + "\n"
	for b.Loop() {
		if err := Serve(b.Context(), &fake{}, options(nil), strings.NewReader(in), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkShow10000(b *testing.B) {
	var list []secret.Entry
	for i := range 10_000 {
		list = append(list, secret.Entry{Name: secret.Name(fmt.Sprintf("org%d/project%d/KEY_%d", i/1000, i/50, i)), Metadata: secret.Metadata{Level: secret.Normal}})
	}
	f := &fake{do: func(_ context.Context, _ *secret.Request, out func(secret.Answer) error) error {
		for _, e := range list {
			if err := out(secret.Answer{Entry: &e}); err != nil {
				return err
			}
		}
		return nil
	}}
	s := &server{svc: f, opt: options(nil)}
	t := toolNamed("noxkey_show")
	for b.Loop() {
		a, err := parseArgs(t, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.show(&call{ctx: b.Context(), args: a}); err != nil {
			b.Fatal(err)
		}
	}
}
