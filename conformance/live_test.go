package conformance_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

// kept is a Sink that keeps what it gets.
type kept struct {
	mu        sync.Mutex
	exchanges []conformance.Exchange
}

func (k *kept) Record(x conformance.Exchange) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.exchanges = append(k.exchanges, x)
}

func (k *kept) all() []conformance.Exchange {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.exchanges
}

func (k *kept) only(t *testing.T) conformance.Exchange {
	t.Helper()
	require.Len(t, k.all(), 1)
	return k.all()[0]
}

func serve(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *http.Client, *kept) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	sink := &kept{}
	client := server.Client()
	client.Transport = conformance.Transport(client.Transport, sink)
	return server, client, sink
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Add("X-Twice", "a")
	w.Header().Add("X-Twice", "b")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(append([]byte("got "), body...))
}

func TestTransport(t *testing.T) {
	server, client, sink := serve(t, echo)
	req, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/a?b=c", strings.NewReader("hello"))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer abc")
	res, err := client.Do(req)
	require.NoError(t, err)
	assert.Empty(t, sink.all(), "not before the body has been read")
	assert.Same(t, req, res.Request)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, "got hello", string(body))

	x := sink.only(t)
	assert.Equal(t, "POST", x.Request.Method)
	assert.Equal(t, server.URL+"/a?b=c", x.Request.URL)
	assert.Equal(t, "Bearer abc", x.Request.Header.Get("Authorization"))
	assert.Equal(t, "hello", string(x.Request.Body))
	assert.False(t, x.Request.BodyUnknown)
	assert.Equal(t, 202, x.Response.Status)
	assert.Equal(t, []string{"a", "b"}, x.Response.Header.Values("X-Twice"))
	assert.Equal(t, "got hello", string(x.Response.Body))
	assert.False(t, x.Response.BodyUnknown)
	assert.False(t, x.Started.IsZero())
}

func TestTransportBodies(t *testing.T) {
	zip := func(text string) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = io.WriteString(w, text)
		_ = w.Close()
		return out.Bytes()
	}
	encoded := func(encoding string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", encoding)
			_, _ = w.Write(body)
		}
	}
	large := func(w http.ResponseWriter, _ *http.Request) {
		for range 17 {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		}
	}
	tests := []struct {
		name    string
		method  string
		handler http.HandlerFunc
		header  string // Accept-Encoding
		want    string // "-" for none
		unknown bool
		length  int // that the client sees
	}{
		{name: "no content", handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, want: "-"},
		{name: "empty", handler: func(http.ResponseWriter, *http.Request) {}, want: "-"},
		{name: "HEAD", method: "HEAD", handler: echo, want: "-"},
		{name: "gzip, undone by net/http", handler: encoded("gzip", zip("text")), want: "text", length: 4},
		{name: "gzip, asked for by the client", handler: encoded("gzip", zip("text")), header: "gzip", want: "text", length: len(zip("text"))},
		{name: "gzip that is none", handler: encoded("gzip", []byte("text")), header: "gzip", want: "-", unknown: true, length: 4},
		{name: "gzip of very much", handler: encoded("gzip", zip(strings.Repeat("x", 17<<20))), header: "gzip", want: "-", unknown: true, length: len(zip(strings.Repeat("x", 17<<20)))},
		{name: "another encoding", handler: encoded("br", []byte("text")), want: "-", unknown: true, length: 4},
		{name: "more than is kept", handler: large, want: "-", unknown: true, length: 17 << 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, client, sink := serve(t, tt.handler)
			req, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL, nil)
			require.NoError(t, err)
			if tt.header != "" {
				req.Header.Set("Accept-Encoding", tt.header)
			}
			res, err := client.Do(req)
			require.NoError(t, err)
			n, err := io.Copy(io.Discard, res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			assert.Equal(t, int64(tt.length), n, "what the client sees")
			x := sink.only(t)
			if tt.want == "-" {
				assert.Nil(t, x.Response.Body)
			} else {
				assert.Equal(t, tt.want, string(x.Response.Body))
			}
			assert.Equal(t, tt.unknown, x.Response.BodyUnknown)
			assert.False(t, x.Request.BodyUnknown)
		})
	}
}

func TestTransportBodyNotReadToItsEnd(t *testing.T) {
	server, client, sink := serve(t, echo)
	res, err := client.Post(server.URL, "text/plain", strings.NewReader(strings.Repeat("x", 100_000)))
	require.NoError(t, err)
	_, err = res.Body.Read(make([]byte, 10))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.NoError(t, res.Body.Close())
	x := sink.only(t)
	assert.True(t, x.Response.BodyUnknown)
	assert.Len(t, x.Request.Body, 100_000)
}

// Of a request body that is too large nothing is kept, and all is sent.
func TestTransportLargeRequest(t *testing.T) {
	var got int64
	server, client, sink := serve(t, func(_ http.ResponseWriter, r *http.Request) { got, _ = io.Copy(io.Discard, r.Body) })
	res, err := client.Post(server.URL, "text/plain", &repeat{left: 17 << 20})
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, int64(17<<20), got)
	assert.True(t, sink.only(t).Request.BodyUnknown)
}

type repeat struct{ left int }

func (r *repeat) Read(p []byte) (int, error) {
	n := min(len(p), r.left)
	if r.left -= n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// A body that is sent again after a redirect is recorded once per exchange.
func TestTransportRedirect(t *testing.T) {
	server, client, sink := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			_, _ = io.Copy(io.Discard, r.Body)
			http.Redirect(w, r, "/b", http.StatusTemporaryRedirect)
			return
		}
		echo(w, r)
	})
	res, err := client.Post(server.URL, "text/plain", strings.NewReader("hello"))
	require.NoError(t, err)
	_, _ = io.ReadAll(res.Body)
	require.NoError(t, res.Body.Close())
	require.Len(t, sink.all(), 2)
	for _, x := range sink.all() {
		assert.Equal(t, "hello", string(x.Request.Body))
	}
	assert.Equal(t, "got hello", string(sink.all()[1].Response.Body))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransportPassesErrorsOn(t *testing.T) {
	broken := errors.New("the wire broke")
	sink := &kept{}
	client := &http.Client{Transport: conformance.Transport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, broken }), sink)}
	res, err := client.Post("http://a.example/", "text/plain", strings.NewReader("hello"))
	if res != nil {
		defer res.Body.Close()
	}
	require.ErrorIs(t, err, broken)
	x := sink.only(t)
	assert.Zero(t, x.Response.Status)
	assert.Equal(t, "the wire broke", x.Error)
	assert.True(t, x.Request.BodyUnknown, "it was never sent")
}

func TestTransportResendsAsTheTransportAsks(t *testing.T) {
	sink := &kept{}
	twice := roundTripper(func(r *http.Request) (*http.Response, error) {
		_, err := io.CopyN(io.Discard, r.Body, 3)
		require.NoError(t, err)
		again, err := r.GetBody()
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, r.Body) // the first sending may be late
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, again)
		require.NoError(t, err)
		return &http.Response{StatusCode: 204, Body: http.NoBody, Request: r}, nil
	})
	res, err := (&http.Client{Transport: conformance.Transport(twice, sink)}).Post("http://a.example/", "text/plain", strings.NewReader("hello"))
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, "hello", string(sink.only(t).Request.Body))
}

func receive(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *kept) {
	t.Helper()
	sink := &kept{}
	server := httptest.NewServer(conformance.Middleware(handler, sink))
	t.Cleanup(server.Close)
	return server, sink
}

func TestMiddleware(t *testing.T) {
	server, sink := receive(t, echo)
	req, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/callback?a=b", strings.NewReader("hello"))
	require.NoError(t, err)
	req.Header.Set("X-Forwarded-Proto", "https, http")
	req.Header.Set("X-Forwarded-Host", "merchant.example")
	res, err := server.Client().Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, "got hello", string(body))
	server.Close() // waits for the handler

	x := sink.only(t)
	assert.True(t, x.Inbound)
	assert.Equal(t, "https://merchant.example/callback?a=b", x.Request.URL)
	assert.Equal(t, "hello", string(x.Request.Body))
	assert.Equal(t, 202, x.Response.Status)
	assert.Equal(t, "got hello", string(x.Response.Body))
	assert.Equal(t, []string{"a", "b"}, x.Response.Header.Values("X-Twice"))
}

func TestMiddlewareHandlers(t *testing.T) {
	tests := []struct {
		name    string
		handler http.HandlerFunc
		status  int
		body    string
	}{
		{"silent", func(http.ResponseWriter, *http.Request) {}, 200, ""},
		{"only a status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 204, ""},
		{"two statuses", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(102); w.WriteHeader(201) }, 201, ""},
		{"flushed", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "b")
		}, 200, "ab"},
		{"controlled", func(w http.ResponseWriter, _ *http.Request) {
			if http.NewResponseController(w).EnableFullDuplex() == nil {
				w.WriteHeader(202)
			}
		}, 202, ""},
		{"panics", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, sink := receive(t, tt.handler)
			res, err := server.Client().Post(server.URL, "text/plain", strings.NewReader("hello"))
			if err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				require.NoError(t, res.Body.Close())
			}
			assert.Equal(t, tt.status == 0, err != nil)
			server.Close()
			x := sink.only(t)
			assert.Equal(t, tt.status, x.Response.Status)
			assert.Equal(t, tt.body, string(x.Response.Body))
			assert.Equal(t, "hello", string(x.Request.Body))
		})
	}
}

func TestMiddlewareLargeRequestReachesTheHandler(t *testing.T) {
	var got int64
	server, sink := receive(t, func(_ http.ResponseWriter, r *http.Request) { got, _ = io.Copy(io.Discard, r.Body) })
	res, err := server.Client().Post(server.URL, "text/plain", &repeat{left: 17 << 20})
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	server.Close()
	assert.Equal(t, int64(17<<20), got)
	assert.True(t, sink.only(t).Request.BodyUnknown)
}

// shopServer answers as the shop should, and calls back.
func shopServer(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/orders", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/orders/1")
		w.WriteHeader(201)
		_, _ = w.Write(body)
	})
	mux.HandleFunc("GET /v1/orders/1", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"amount":"15","email":"eva@exempel.se"}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// Live traffic is judged and recorded, and the recording is judged alike.
func TestRecorder(t *testing.T) {
	server := shopServer(t)
	checker := shop(t, conformance.WithServer(server.URL))
	var recording bytes.Buffer
	recorder := conformance.NewRecorder(checker, &recording)
	merchant := httptest.NewServer(conformance.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), recorder))
	defer merchant.Close()

	client := &http.Client{Transport: conformance.Transport(nil, recorder)}
	send := func(client *http.Client, method, url, body string) {
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer s3cret")
		res, err := client.Do(req)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	send(client, "POST", server.URL+"/v1/orders", `{"amount":1,"urls":{"callbackUrl":"`+merchant.URL+`/c?token=s3cret"}}`)
	send(client, "GET", server.URL+"/v1/orders/1", "")
	send(http.DefaultClient, "POST", merchant.URL+"/c?token=s3cret", `{"order":7}`)
	merchant.Close()
	require.NoError(t, recorder.Close())

	report := recorder.Report()
	assert.Equal(t, []string{"error response.body.schema response /amount", "note response.body.member.undocumented response /email",
		"error request.body.schema request /order"}, rules(recorder.Findings()))
	assert.Equal(t, "live", report.Findings[0].File)
	assert.Equal(t, 3, report.Summary.Judged)
	for _, secret := range []string{"s3cret", "eva@exempel.se"} {
		assert.NotContains(t, recording.String(), secret)
	}

	again, err := conformance.CheckFiles(t.Context(), shop(t), []string{"-"}, &recording)
	require.NoError(t, err)
	assert.Equal(t, report.Summary, again.Summary)
	assert.Equal(t, rules(report.Findings), rules(again.Findings))
	assert.Equal(t, report.Seen, again.Seen)
}

func TestRecorderWithoutRecording(t *testing.T) {
	recorder := conformance.NewRecorder(shop(t), nil)
	recorder.Record(order())
	require.NoError(t, recorder.Close())
	assert.Equal(t, 1, recorder.Report().Summary.Judged)
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestRecorderReportsThatItCouldNotWrite(t *testing.T) {
	recorder := conformance.NewRecorder(shop(t), brokenWriter{})
	recorder.Record(order())
	require.ErrorIs(t, recorder.Close(), io.ErrClosedPipe)
	require.ErrorIs(t, recorder.Close(), io.ErrClosedPipe)
	assert.Equal(t, 1, recorder.Report().Summary.Judged)
}

func TestRecorderIsSafeForConcurrentUse(t *testing.T) {
	var recording bytes.Buffer
	recorder := conformance.NewRecorder(shop(t), &recording)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				recorder.Record(order())
				recorder.Findings()
			}
		})
	}
	wg.Wait()
	require.NoError(t, recorder.Close())
	report, err := conformance.CheckFiles(t.Context(), shop(t), []string{"-"}, &recording)
	require.NoError(t, err)
	assert.Equal(t, 100, report.Summary.Judged)
}
