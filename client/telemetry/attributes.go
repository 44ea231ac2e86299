package telemetry

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/kassa-dev/kassa/client"
)

// attempt is one call in the words of the semantic conventions.
type attempt struct {
	call     client.Call
	template string
	method   string
}

func (a attempt) name() string {
	if a.method == other {
		return "HTTP " + a.template
	}
	return a.method + " " + a.template
}

// asked is what is known before the request is sent.
func (a attempt) asked() []attribute.KeyValue {
	host := a.call.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if a.call.Port != map[string]int{"http": 80, "https": 443}[a.call.Scheme] {
		host += ":" + strconv.Itoa(a.call.Port)
	}
	attrs := []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(a.method), semconv.ServerAddress(a.call.Host), semconv.ServerPort(a.call.Port),
		semconv.URLScheme(a.call.Scheme), semconv.URLTemplate(a.template), semconv.URLFull(a.call.Scheme + "://" + host + a.call.Path),
	}
	if a.method == other {
		attrs = append(attrs, semconv.HTTPRequestMethodOriginal(a.call.Method))
	}
	if a.call.Attempt > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(a.call.Attempt-1))
	}
	return attrs
}

// answered is what a span tells of the answer.
func (a attempt) answered(r client.Result) []attribute.KeyValue {
	attrs := outcome(r)
	session := a.call.SessionID
	if p, ok := errors.AsType[*client.Problem](r.Err); ok {
		session = cmp.Or(p.SessionID, session)
		if reason := p.Reason(); reason != "" {
			attrs = append(attrs, attribute.String("kassa.reason", short(reason)))
		}
	}
	if kind := client.KindOf(r.Err); kind != "" {
		attrs = append(attrs, attribute.String("kassa.kind", string(kind)))
	}
	if session != "" {
		attrs = append(attrs, attribute.String("kassa.session_id", short(session)))
	}
	return attrs
}

// measured is what a measurement tells beside method, address and port. Each
// has few values.
func (a attempt) measured(r client.Result) []attribute.KeyValue {
	return append(outcome(r), semconv.URLScheme(a.call.Scheme), semconv.URLTemplate(a.template))
}

func outcome(r client.Result) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 6)
	if r.Status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(r.Status))
	}
	if failed := errorType(r); failed != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(failed))
	}
	return attrs
}

// errorType is the status of an answer of 400 and above, or a word for what went
// wrong otherwise; "" for success.
func errorType(r client.Result) string {
	var timeout net.Error
	switch {
	case r.Status >= 400:
		return strconv.Itoa(r.Status)
	case errors.Is(r.Err, context.Canceled):
		return "context_canceled"
	case errors.As(r.Err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return string(client.KindOf(r.Err))
}

// other is what a method is called that HTTP does not know.
const other = "_OTHER"

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// known keeps a server that offers strange methods from making new values.
func known(method string) string {
	if slices.Contains(methods, method) {
		return method
	}
	return other
}

// template is a path in which every id is {id}, and so one of few.
func template(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if identifies(s) {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/")
}

// identifies says whether a segment is an id: what is blanked, a GUID or
// another long word with digits in it, or a number.
func identifies(segment string) bool {
	return strings.Contains(segment, "[secret]") ||
		len(segment) >= 16 && strings.ContainsAny(segment, "0123456789") ||
		segment != "" && strings.Trim(segment, "0123456789") == ""
}

// short bounds what a server said.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 200)], "") }
