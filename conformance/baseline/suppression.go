package baseline

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/kassa-dev/kassa/conformance"
)

const suppressionSchema = "kassa.suppressions/1"

// every stands for every operation, or every pointer.
const every = "*"

// Suppressions are findings that somebody answers for, for a time.
type Suppressions struct {
	file string
	list []suppression
}

type suppression struct {
	rule, operation, pointer string
	reason, owner            string
	expires                  time.Time // the first moment it is not valid any more
	day                      string
	line                     int
}

// ReadSuppressions reads suppressions, which name names in findings and errors.
// Every one has a rule, the operation and the pointer it is about ("*" for all
// of them; in a pointer, * stands for one name, and places in an array are all
// one, as they are in findings), a reason, an owner,
// and the day it expires, through which it holds, in UTC. The error has a line
// for everything that is wrong, with its place and what would be right.
func ReadSuppressions(name string, r io.Reader) (*Suppressions, error) {
	s := &Suppressions{file: name}
	in, err := open(name, r, suppressionSchema, "suppressions")
	if err != nil {
		return nil, err
	}
	for _, entry := range in.entries {
		fields := in.fields(entry, []string{"rule", "operation", "reason", "owner", "expires"}, []string{"pointer"})
		one := suppression{
			rule: fields["rule"], operation: fields["operation"], pointer: fields["pointer"],
			reason: fields["reason"], owner: fields["owner"], day: fields["expires"], line: entry.Line,
		}
		if _, there := fields["pointer"]; !there {
			in.refuse(entry, `pointer is missing; write what the finding says, "" for the whole message, or "*" for every place`)
		}
		known := slices.ContainsFunc(conformance.Rules(), func(r conformance.Rule) bool { return r.ID == one.rule })
		switch {
		case one.rule == "":
		case !known:
			in.refuse(entry, "there is no rule %q; `kassa rules` lists them", conformance.RedactText(one.rule))
		case !excusable(one.rule):
			in.refuse(entry, "%s says that something was not judged or not kept, and cannot be suppressed", one.rule)
		}
		if day, err := time.Parse(time.DateOnly, one.day); err == nil {
			one.expires = day.AddDate(0, 0, 1)
		} else if one.day != "" {
			in.refuse(entry, "expires is no day; write it like 2027-01-31")
		}
		s.list = append(s.list, one)
	}
	return s, errors.Join(in.problems...)
}

// Apply excuses the findings of a report that are suppressed at the time given,
// and adds one for each suppression that has expired. Where everything could be
// judged it adds one, too, for each that has nothing to suppress.
func (s *Suppressions) Apply(report *conformance.Report, now time.Time) {
	used := make([]bool, len(s.list))
	report.Excuse(func(f conformance.Finding) (why string) {
		for i, one := range s.list {
			if !one.covers(f) || !excusable(f.Rule) {
				continue
			}
			used[i] = true
			if why == "" && now.Before(one.expires) {
				why = fmt.Sprintf("suppressed until %s by %s: %s (%s:%d)", one.day, one.owner, one.reason, s.file, one.line)
			}
		}
		return why
	})
	for i, one := range s.list {
		f := conformance.Finding{Severity: conformance.Error, File: s.file, Entry: one.line}
		if one.operation != every {
			f.Operation = one.operation
		}
		switch {
		case !now.Before(one.expires):
			f.Rule = conformance.RuleExpired
			f.Message = fmt.Sprintf("the suppression of %s by %s expired after %s: %s", one.rule, one.owner, one.day, one.reason)
			f.Hint = "put the cause right, or decide anew and date it anew"
		case !used[i] && !report.Blind:
			f.Rule = conformance.RuleUnused
			f.Message = fmt.Sprintf("the suppression of %s by %s suppresses nothing: %s", one.rule, one.owner, one.reason)
			f.Hint = "take it out, or compare rule, operation and pointer with those of the finding"
		default:
			continue
		}
		report.Add(f)
	}
}

// covers tells whether a finding is what the suppression is about.
func (s suppression) covers(f conformance.Finding) bool {
	if s.rule != f.Rule || s.operation != every && s.operation != f.Operation {
		return false
	}
	if s.pointer == every {
		return true
	}
	pattern := conformance.Finding{Pointer: s.pointer}.Pattern()
	want, got := strings.Split(pattern, "/"), strings.Split(f.Pattern(), "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && want[i] != "*" {
			return false
		}
	}
	return true
}
