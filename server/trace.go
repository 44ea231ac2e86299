package server

import (
	"errors"
	"slices"
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
	title, detail string
	items         []refuse.Item
	broken        []contract.Violation
}

type traces struct {
	mu    sync.Mutex
	count int64
	list  []trace
}

func (x *traces) add(t trace) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.count++
	t.number = x.count
	if len(x.list) == keptTraces {
		copy(x.list, x.list[1:])
		x.list = x.list[:keptTraces-1]
	}
	x.list = append(x.list, t)
}

// all are the traces of a namespace, newest first; of all for "".
func (x *traces) all(namespace string) []trace {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]trace, 0, len(x.list))
	for _, t := range slices.Backward(x.list) {
		if namespace == "" || t.namespace == namespace {
			out = append(out, t)
		}
	}
	return out
}

func (x *traces) get(number int64) (trace, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.list, func(t trace) bool { return t.number == number })
	if i < 0 {
		return trace{}, false
	}
	return x.list[i], true
}

func (x *traces) wipe(namespace string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = slices.DeleteFunc(x.list, func(t trace) bool { return namespace == "" || t.namespace == namespace })
}

// refusalOf is what a refused request's trace says.
func refusalOf(station string, err error, broken []contract.Violation) *refusal {
	out := &refusal{station: station, broken: broken}
	var problem *refuse.Problem
	var oauth *refuse.OAuth
	switch {
	case errors.As(err, &problem):
		out.title, out.detail, out.items = problem.Title, problem.Detail, problem.Problems
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
