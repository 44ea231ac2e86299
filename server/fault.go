package server

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kassa-dev/kassa/internal/contract"
)

// A Fault is deliberate misbehaviour. It spoils answers to requests, or, when it says so, callbacks. What it leaves empty
// it leaves as it is. By default it strikes the next request there is, once.
type Fault struct {
	ID        string // set by Inject
	Namespace string // empty for all

	// Which requests: all that match. Path is a pattern of path.Match, such as /psp/*/payments; Operation is an
	// operationId, or a document and one, such as "swedbankpay/creditcard createCapture".
	Method, Path, Operation string

	Times int     // how often it strikes; 0 with a Rate is without end
	Rate  float64 // of those that match, by the seed; 0 is every one

	After bool // the request is done and its answer spoiled; otherwise the sandbox does nothing but answer

	// What is answered. A Status without a body is answered with a problem in the vendor's form.
	Status              int
	Type, Title, Detail string // of the problem
	Body                string // instead of a problem, as text/html, as a gateway would
	RetryAfter          int    // seconds

	Latency time.Duration // before the answer, in real time
	Cut     Cut
	Slow    int // bytes of the body in a second, in real time

	// Callback makes it a fault of callbacks, to which of the above only Namespace, Times and Rate apply.
	Callback  bool
	Duplicate int           // sent so many times more
	Delay     time.Duration // sent later, by the sandbox's clock
	Drop      bool          // lost on the way, which counts as an attempt
	Hold      bool          // sent after the next one
}

// A Cut says how a connection ends before the answer does.
type Cut string

// The cuts.
const (
	CutReset    Cut = "reset"    // before the first byte
	CutTruncate Cut = "truncate" // in the middle of the body
)

// maxFaults is how many faults wait at once.
const maxFaults = 1000

// faults are the plan. They are safe for concurrent use.
type faults struct {
	dice *dice

	mu    sync.Mutex
	list  []*Fault
	count int
}

// Inject plans a fault and answers its id. It refuses one that makes no sense, and says why.
func (s *Server) Inject(f Fault) (string, error) { return s.faults.add(f) }

// Faults lists what is planned, oldest first.
func (s *Server) Faults() []Fault { return s.faults.all() }

// Withdraw takes a planned fault back, and every one when id is empty. It tells whether there was any.
func (s *Server) Withdraw(id string) bool { return s.faults.drop(id) }

func (x *faults) add(f Fault) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	if f.Times == 0 && f.Rate == 0 {
		f.Times = 1
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.list) == maxFaults {
		return "", fmt.Errorf("%d faults are planned already; withdraw some", maxFaults)
	}
	x.count++
	f.ID = strconv.Itoa(x.count)
	x.list = append(x.list, &f)
	return f.ID, nil
}

func (f Fault) check() error {
	_, pattern := path.Match(f.Path, "")
	switch {
	case f.Times < 0, f.RetryAfter < 0, f.Latency < 0, f.Slow < 0, f.Duplicate < 0, f.Delay < 0:
		return errors.New("a number or duration of the fault is negative; leave out what does not apply")
	case f.Rate < 0, f.Rate > 1:
		return errors.New("the rate of the fault is not between 0 and 1")
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return errors.New("the status of the fault is none of 400 to 599")
	case f.Cut != "" && f.Cut != CutReset && f.Cut != CutTruncate:
		return errors.New("the cut of the fault is neither reset nor truncate")
	case pattern != nil:
		return errors.New("the path of the fault is no pattern; give one such as /psp/*/payments")
	case f.Latency > time.Minute:
		return errors.New("the latency of the fault is more than a minute")
	case f.Duplicate > 100:
		return errors.New("the fault duplicates a callback more than a hundred times")
	case f.Callback && f.Duplicate == 0 && f.Delay == 0 && !f.Drop && !f.Hold:
		return errors.New("the fault does nothing to callbacks; give duplicate, delay, drop or hold")
	case !f.Callback && f.Status == 0 && f.Latency == 0 && f.Cut == "" && f.Slow == 0:
		return errors.New("the fault does nothing; give status, latency, cut or slow")
	}
	return nil
}

// strike finds the first planned fault that fits, and uses it up.
func (x *faults) strike(namespace string, fits func(*Fault) bool) (Fault, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, f := range x.list {
		if f.Namespace != "" && f.Namespace != namespace || !fits(f) {
			continue
		}
		if f.Rate > 0 && x.dice.fraction() >= f.Rate {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				x.list = slices.Delete(x.list, i, i+1)
			}
		}
		return *f, true
	}
	return Fault{}, false
}

func (x *faults) callback(namespace string) (Fault, bool) {
	return x.strike(namespace, func(f *Fault) bool { return f.Callback })
}

func (x *faults) request(c *call, method string) (Fault, bool) {
	return x.strike(c.namespace(), func(f *Fault) bool {
		matched, _ := path.Match(strings.ToLower(f.Path), strings.ToLower(c.path)) // the pattern was tried
		return !f.Callback && (f.Method == "" || strings.EqualFold(f.Method, method)) &&
			(f.Path == "" || matched) && (f.Operation == "" || goesBy(c.operation, f.Operation))
	})
}

// goesBy tells whether a name is that of an operation: its id, or its document and id.
func goesBy(op *contract.Operation, name string) bool {
	return op != nil && (strings.EqualFold(op.ID, name) || strings.EqualFold(op.Name(), name))
}

func (x *faults) all() []Fault {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]Fault, 0, len(x.list))
	for _, f := range x.list {
		out = append(out, *f)
	}
	return out
}

func (x *faults) drop(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	before := len(x.list)
	x.list = slices.DeleteFunc(x.list, func(f *Fault) bool { return id == "" || f.ID == id })
	return len(x.list) < before
}

// forget takes back the faults of a namespace; of all for "".
func (x *faults) forget(namespace string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = slices.DeleteFunc(x.list, func(f *Fault) bool { return namespace == "" || f.Namespace == namespace })
}
