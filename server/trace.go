package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// keptTraces is how many requests are remembered; the oldest go first.
const keptTraces = 1000

// A trace is a request that was answered, and why it was refused if it was. It holds no body and no token.
type trace struct {
	number    int64
	at        time.Time
	namespace string
	method    string
	path      string
	operation string // empty when no operation has the address
	status    int
	took      time.Duration
	fault     string // the id of the fault that struck
	refused   *refusal
}

// A refusal is why: at which station, in whose words, and what the contract has to say.
type refusal struct {
	station       string
	kind          string // the type of the problem
	title, detail string
	items         []refuse.Item
	broken        []contract.Violation
}

// traces are the latest requests, in a ring.
type traces struct {
	mu    sync.Mutex
	count int64
	ring  []trace
	next  int // where the next goes once the ring is full
}

func (x *traces) add(t trace) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.count++
	t.number = x.count
	if len(x.ring) < keptTraces {
		x.ring = append(x.ring, t)
		return
	}
	x.ring[x.next] = t
	x.next = (x.next + 1) % keptTraces
}

// all are the traces of a namespace, newest first; of all for "".
func (x *traces) all(namespace string) []trace {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]trace, 0, len(x.ring))
	for i := range x.ring {
		t := x.ring[(x.next+len(x.ring)-1-i)%len(x.ring)]
		if namespace == "" || t.namespace == namespace {
			out = append(out, t)
		}
	}
	return out
}

func (x *traces) get(number int64) (trace, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.ring, func(t trace) bool { return t.number == number })
	if i < 0 {
		return trace{}, false
	}
	return x.ring[i], true
}

func (x *traces) wipe(namespace string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	ordered := slices.Concat(x.ring[x.next:], x.ring[:x.next])
	x.ring = slices.DeleteFunc(ordered, func(t trace) bool { return namespace == "" || t.namespace == namespace })
	x.next = 0
}

// refusal is what the trace of a request that a fault refuses says.
func (f Fault) refusal() *refusal {
	out := &refusal{station: "fault", kind: f.Type, title: f.Title, detail: f.Detail}
	switch {
	case out.title != "":
	case f.Status != 0:
		out.title = http.StatusText(f.Status)
	case f.Cut == CutReset:
		out.title = "The connection was reset"
	default:
		out.title = "The answer was cut"
	}
	return out
}

// withoutTokens is the path and query of a request, fit to be told: in the place of what lets a payer or merchant act
// there is an ellipsis.
func withoutTokens(c *call, query string) string {
	const left = "…"
	parts := strings.Split(c.path, "/")
	for i, part := range parts {
		if len(part) >= 40 || strings.HasPrefix(part, "rpmw_") || c.params["token"] != "" && strings.EqualFold(part, c.params["token"]) {
			parts[i] = left
		}
	}
	out := strings.Join(parts, "/")
	if query == "" {
		return out
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, value, _ := strings.Cut(pair, "="); strings.Contains(strings.ToLower(name), "token") || len(value) >= 40 {
			pairs[i] = name + "=" + left
		}
	}
	return out + "?" + strings.Join(pairs, "&")
}

// refusalOf is what a refused request's trace says.
func refusalOf(station string, err error, broken []contract.Violation) *refusal {
	out := &refusal{station: station, broken: broken}
	var problem *refuse.Problem
	var oauth *refuse.OAuth
	switch {
	case errors.As(err, &problem):
		out.kind, out.title, out.detail, out.items = problem.Type, problem.Title, problem.Detail, problem.Problems
		for _, f := range problem.Errors {
			out.items = append(out.items, refuse.Item{Name: f.Pointer, Description: f.Detail})
		}
	case errors.As(err, &oauth):
		out.title, out.detail = oauth.Code, oauth.Description
	default:
		out.title = "The sandbox made a mistake"
	}
	return out
}
