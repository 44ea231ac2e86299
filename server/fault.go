package server

import (
	"errors"
	"fmt"
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
	Hits      int    // how often it has struck; not for Inject

	// Which requests: all that match. Path is a pattern in which * stands for one segment or a part of it and ** for any
	// number of segments, such as /psp/*/payments; Operation is an operationId, or a document and one, such as
	// "swedbankpay/creditcard createCapture". A callback is a POST of paymentChanged, and its path that of the payment.
	Method, Path, Operation string

	Times int     // how often it strikes; 0 is once, and with a Rate until it is withdrawn, as Forever is
	Rate  float64 // of those that match, by the seed; 0 is every one

	After bool // the request is done and its answer spoiled; otherwise the sandbox does nothing but answer

	// What is answered. A Status of 400 and more without a body is answered with a problem in the vendor's form, a lower one
	// with an empty body.
	Status              int
	Type, Title, Detail string // of the problem
	Body                string // instead of a problem
	ContentType         string // of the body; empty is text/html, as a gateway's
	RetryAfter          int    // seconds

	Latency time.Duration // before the answer, in real time
	Cut     Cut
	Slow    int // bytes of the body in a second, in real time

	// Callback makes it a fault of callbacks. It does one thing. Status, Latency and Cut stand for what the merchant would
	// have answered, and the callback is not sent; of the other answers above none applies.
	Callback  bool
	Duplicate int           // sent so many times more
	Delay     time.Duration // sent later, by the sandbox's clock
	Drop      bool          // never sent, now or later
	Hold      bool          // sent after the next one
}

// Forever is the Times of a fault that strikes until it is withdrawn.
const Forever = -1

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
	seed *int64

	mu    sync.Mutex
	dice  map[string]*dice // by namespace, so that what happens in one shifts no rate in another
	list  []*Fault
	count int
}

// Inject plans a fault and answers its id. It refuses one that makes no sense, and says why.
func (s *Server) Inject(f Fault) (string, error) { return s.faults.add(f) }

// Faults lists what is planned, oldest first.
func (s *Server) Faults() []Fault { return s.faults.all() }

// Withdraw takes a planned fault back, and every one when id is empty. It tells whether there was any.
func (s *Server) Withdraw(id string) bool {
	return s.faults.drop(func(f *Fault) bool { return id == "" || f.ID == id })
}

func (x *faults) add(f Fault) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.list) == maxFaults {
		return "", fmt.Errorf("%d faults are planned already; withdraw some", maxFaults)
	}
	x.count++
	f.ID, f.Hits = strconv.Itoa(x.count), 0
	x.list = append(x.list, f.complete())
	return f.ID, nil
}

// complete is the fault with its default of times.
func (f Fault) complete() *Fault {
	switch {
	case f.Times == 0 && f.Rate > 0:
		f.Times = Forever
	case f.Times == 0:
		f.Times = 1
	}
	return &f
}

// putBack plans faults as they were planned before. Those that another namespace's have taken the id of get another.
func (x *faults) putBack(list []Fault) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, f := range list {
		taken := slices.ContainsFunc(x.list, func(other *Fault) bool { return other.ID == f.ID })
		if number, err := strconv.Atoi(f.ID); err != nil || number < 1 || taken {
			x.count++
			f.ID = strconv.Itoa(x.count)
		} else {
			x.count = max(x.count, number)
		}
		x.list = append(x.list, f.complete())
	}
}

func (f Fault) check() error {
	answers := f.Status != 0 || f.Latency != 0 || f.Cut != ""
	does := 0
	for _, one := range []bool{f.Duplicate != 0, f.Delay != 0, f.Drop, f.Hold} {
		if one {
			does++
		}
	}
	switch {
	case f.Times < Forever, f.RetryAfter < 0, f.Latency < 0, f.Slow < 0, f.Duplicate < 0, f.Delay < 0:
		return errors.New("a number or duration of the fault is negative; leave out what does not apply")
	case f.Rate < 0, f.Rate > 1:
		return errors.New("the rate of the fault is not between 0 and 1")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return errors.New("the status of the fault is none of 200 to 599")
	case f.Cut != "" && f.Cut != CutReset && f.Cut != CutTruncate:
		return errors.New("the cut of the fault is neither reset nor truncate")
	case f.Status == 0 && (f.Body != "" || f.Type != "" || f.Title != "" || f.Detail != ""):
		return errors.New("the fault has an answer and no status to give it with; give a status")
	case f.Body != "" && (f.Type != "" || f.Title != "" || f.Detail != ""):
		return errors.New("the fault has a body and a problem; give one of them")
	case f.Body == "" && f.ContentType != "":
		return errors.New("the fault has a content type and no body; give a body")
	case f.Latency > time.Minute:
		return errors.New("the latency of the fault is more than a minute")
	case f.Duplicate > 100:
		return errors.New("the fault duplicates a callback more than a hundred times")
	case f.Callback && (f.Body != "" || f.Type != "" || f.Title != "" || f.Detail != "" || f.RetryAfter != 0 || f.Slow != 0 || f.After):
		return errors.New("the fault of callbacks has what only an answer to a request has; leave out body, problem, retryAfter, slow and when")
	case f.Callback && does == 0 && !answers:
		return errors.New("the fault does nothing to callbacks; give duplicate, delay, drop, hold, status, latency or cut")
	case f.Callback && (does > 1 || does == 1 && answers):
		return errors.New("the fault does more than one thing to a callback; set one fault for each")
	case !f.Callback && does > 0:
		return errors.New("the fault of requests has what only a callback has; leave out duplicate, delay, drop and hold, or make it one of callbacks")
	case !f.Callback && !answers && f.Slow == 0 && f.RetryAfter == 0:
		return errors.New("the fault does nothing; give status, latency, cut, slow or retryAfter")
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
		if f.Rate > 0 && x.diceOf(namespace).fraction() >= f.Rate {
			continue
		}
		f.Hits++
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				x.list = slices.Delete(x.list, i, i+1)
			}
		}
		return *f, true
	}
	return Fault{}, false
}

// diceOf are those that the rates of a namespace fall by. The lock is held.
func (x *faults) diceOf(namespace string) *dice {
	if x.dice == nil {
		x.dice = map[string]*dice{}
	}
	if x.dice[namespace] == nil {
		x.dice[namespace] = newDice(x.seed, "faults "+namespace, 0)
	}
	return x.dice[namespace]
}

// callback finds the fault of a callback about the payment at a path.
func (x *faults) callback(namespace, path string) (Fault, bool) {
	const id = "paymentChanged"
	segment, _, _ := strings.Cut(strings.TrimPrefix(path, "/psp/"), "/")
	name := "swedbankpay/" + segment + " " + id
	return x.strike(namespace, func(f *Fault) bool {
		return f.Callback && (f.Method == "" || strings.EqualFold(f.Method, "POST")) && (f.Path == "" || matchPath(f.Path, path)) &&
			(f.Operation == "" || strings.EqualFold(f.Operation, id) || strings.EqualFold(f.Operation, name))
	})
}

func (x *faults) request(c *call, method string) (Fault, bool) {
	return x.strike(c.namespace(), func(f *Fault) bool {
		return !f.Callback && (f.Method == "" || strings.EqualFold(f.Method, method)) &&
			(f.Path == "" || matchPath(f.Path, c.path)) && (f.Operation == "" || goesBy(c.operation, f.Operation))
	})
}

// matchPath tells whether a path is as a pattern says, in any letter case.
func matchPath(pattern, path string) bool {
	split := func(s string) []string { return strings.Split(strings.ToLower(s), "/") }
	return matchStars(split(pattern), split(path), "**", func(pattern, segment string) bool {
		return matchStars([]rune(pattern), []rune(segment), '*', func(a, b rune) bool { return a == b })
	})
}

// matchStars tells whether text is as a pattern says, in which a star stands for any number of items.
func matchStars[T comparable](pattern, text []T, star T, same func(pattern, text T) bool) bool {
	at, i, begin, mark := 0, 0, -1, 0
	for i < len(text) {
		switch {
		case at < len(pattern) && pattern[at] == star:
			begin, mark = at, i
			at++
		case at < len(pattern) && same(pattern[at], text[i]):
			at++
			i++
		case begin >= 0: // the last star takes one item more
			mark++
			at, i = begin+1, mark
		default:
			return false
		}
	}
	for at < len(pattern) && pattern[at] == star {
		at++
	}
	return at == len(pattern)
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

// forget takes back the faults of a namespace; of all for "".
func (x *faults) forget(namespace string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = slices.DeleteFunc(x.list, func(f *Fault) bool { return namespace == "" || f.Namespace == namespace })
	delete(x.dice, namespace)
	if namespace == "" {
		x.dice = nil
	}
}
