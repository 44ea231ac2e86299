package contract

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Operation is a documented operation, compiled.
type Operation struct {
	ID       string
	Method   string
	Path     string // template, without the document's base path
	Document string
	Summary  string
	Tags     []string
	Callback bool // the API calls it, the merchant answers
	At       Place

	ignore     ignoreCase // what requests may spell in any letter case
	parameters []*parameter
	security   security
	body       *body // nil: none is documented
	responses  map[string]*response
	callbacks  []Callback
}

// Callback is an operation the API performs on an address that a request
// named.
type Callback struct {
	Expression string // such as {$request.body#/payment/urls/callbackUrl}
	Operation  *Operation
}

// body is a documented request body.
type body struct {
	at       Place
	required bool
	content  []*media
}

// response is what a document says about a status.
type response struct {
	at           Place
	bodyOptional bool
	content      []*media
	headers      []*parameter
}

// Name is how findings name the operation: the document without .yaml, and the
// operation's id.
func (o *Operation) Name() string { return strings.TrimSuffix(o.Document, ".yaml") + " " + o.ID }

// Callbacks lists what the API may call after this operation.
func (o *Operation) Callbacks() []Callback { return o.callbacks }

// Message is one direction of an exchange.
type Message struct {
	Header      http.Header
	Query       string // raw, of a request
	Body        []byte // nil: absent; empty: present and empty
	BodyUnknown bool   // the recording does not say what the body was
	AuthUnknown bool   // missing credentials prove nothing
	Shown       *Shown // notes what the body shows; nil: nothing is noted
}

// JudgeRequest holds a request against the operation. The path parameters are
// those of Match; nil leaves the path unjudged. The violations are sorted by
// pointer and rule, at most 100.
func (o *Operation) JudgeRequest(params map[string]string, m Message) []Violation {
	out := append(o.security.judge(m), o.judgeParameters(params, m)...)
	j := &bodyJudge{side: Request, ignore: o.ignore, at: o.At, m: m}
	switch {
	case o.body == nil:
		j.unwanted("no body is documented for the request")
	default:
		j.at = o.body.at
		j.judge(o.body.content, !o.body.required)
	}
	return tidy(append(out, j.out...))
}

// JudgeResponse holds a response against the operation. An undocumented status
// is an error if it is 2xx and otherwise a warning; its body is not judged.
func (o *Operation) JudgeResponse(status int, m Message) []Violation {
	r := o.response(status)
	if r == nil {
		severity := Warning
		if status >= 200 && status < 300 {
			severity = Error
		}
		return []Violation{{
			Rule: "response.status.undocumented", Severity: severity, Side: Response,
			Message: "the status " + strconv.Itoa(status) + " is not documented", Spec: o.At,
			Hint: "documented are " + o.statuses(),
		}}
	}
	var out []Violation
	for _, h := range r.headers {
		values := headerValues(m.Header, h.name)
		switch {
		case len(values) > 0:
			out = append(out, h.judge(Response, values)...)
		case h.required:
			out = append(out, Violation{Rule: "response.header.missing", Severity: Error, Side: Response,
				Pointer: "header/" + h.name, Message: "the header is required", Spec: h.at})
		}
	}
	j := &bodyJudge{side: Response, at: r.at, m: m}
	switch {
	case o.Method == http.MethodHead:
		j.unwanted("a response to HEAD has no body")
	case status < 200 || status == http.StatusNoContent || status == http.StatusResetContent || status == http.StatusNotModified:
		j.unwanted("a response of status " + strconv.Itoa(status) + " has no body")
	case len(r.content) == 0 && !r.bodyOptional:
		j.unwanted("no body is documented for the status " + strconv.Itoa(status))
	case len(r.content) > 0:
		j.judge(r.content, r.bodyOptional)
	}
	return tidy(append(out, j.out...))
}

// response finds what is documented for a status: itself, its range, or the
// default, which stands for every status but those of success.
func (o *Operation) response(status int) *response {
	if r := o.responses[strconv.Itoa(status)]; r != nil {
		return r
	}
	if r := o.responses[strconv.Itoa(status/100)+"XX"]; r != nil {
		return r
	}
	if status >= 200 && status < 300 {
		return nil
	}
	return o.responses["default"]
}

func (o *Operation) statuses() string {
	return strings.Join(sortedKeys(o.responses), ", ")
}

// bodyJudge holds one body against the documented media types.
type bodyJudge struct {
	side   Side
	ignore ignoreCase
	at     Place
	m      Message
	out    []Violation
}

func (j *bodyJudge) say(rule string, severity Severity, pointer, message string, at Place) {
	j.out = append(j.out, Violation{Rule: string(j.side) + "." + rule, Severity: severity, Side: j.side,
		Pointer: pointer, Message: message, Spec: at})
}

func (j *bodyJudge) unwanted(why string) {
	if len(j.m.Body) > 0 {
		j.say("body.unexpected", Error, "", "there is a body, and "+why, j.at)
	}
}

func (j *bodyJudge) judge(content []*media, optional bool) {
	m := j.m
	switch {
	case m.BodyUnknown:
		j.say("body.unknown", Warning, "", "the recording does not hold the body, so it was not judged", j.at)
	case len(m.Body) == 0:
		if !optional {
			j.say("body.missing", Error, "", "a body is documented, and there is none", j.at)
		}
		return
	}
	types := slices.Compact(slices.Clone(headerValues(m.Header, "Content-Type")))
	if len(types) > 1 {
		j.say("media-type.undocumented", Error, "header/Content-Type", "the header stands more than once, with different values", j.at)
		return
	}
	var as *media
	kind := "application/json"
	switch {
	case len(types) == 0 || strings.TrimSpace(types[0]) == "":
		if m.BodyUnknown {
			return
		}
		severity := Error
		if j.side == Request {
			severity = Warning
		}
		j.say("media-type.missing", severity, "header/Content-Type", "there is a body without Content-Type", j.at)
		as = firstJSON(content)
	default:
		if as, kind = pick(content, types[0]); as == nil {
			j.say("media-type.undocumented", Error, "header/Content-Type", "want "+names(content)+", got "+typeOnly(types[0]), j.at)
			return
		}
	}
	if as == nil || m.BodyUnknown {
		return
	}
	if len(m.Body) > maxBody {
		j.say("body.too-large", Error, "", "the body is longer than the "+strconv.Itoa(maxBody>>20)+" MiB that are judged", j.at)
		return
	}
	switch {
	case isJSON(kind):
		j.json(as)
	case kind == formType:
		j.form(as)
	default:
		j.evaluate(as, &value{kind: kindString, text: string(m.Body)})
	}
}

// typeOnly is a Content-Type fit for a message.
func typeOnly(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return quote(strings.TrimSpace(kind))
}

func (j *bodyJudge) json(as *media) {
	v, twice, broken := decode(j.m.Body)
	switch {
	case broken != nil && broken.large:
		j.say("body.too-large", Error, "", broken.message, as.at)
		return
	case broken != nil:
		j.say("body.malformed", Error, broken.pointer, broken.message, as.at)
		return
	}
	for _, each := range twice {
		j.say("body.duplicate-key", Error, each.pointer, each.message, as.at)
	}
	j.evaluate(as, &v)
}

func (j *bodyJudge) form(as *media) {
	form, err := url.ParseQuery(string(j.m.Body))
	if err != nil {
		j.say("body.malformed", Error, "", "the body is not a form: a broken escape, a semicolon, or too many members", as.at)
		return
	}
	for name, values := range form {
		if !utf8.ValidString(name) || slices.ContainsFunc(values, func(s string) bool { return !utf8.ValidString(s) }) {
			j.say("body.malformed", Error, "", "the body is not a form of UTF-8 text", as.at)
			return
		}
	}
	v := value{kind: kindObject}
	for _, name := range sortedKeys(form) {
		var n *node
		if as.node != nil {
			if documented, _, ok := (&evaluation{ignore: j.ignore}).find(as.node, name); ok {
				n = as.node.properties[documented].node
			}
		}
		if n != nil && n.kinds == kindArray {
			items := value{kind: kindArray}
			for _, each := range form[name] {
				items.list = append(items.list, member{value: coerced(n.items, each)})
			}
			v.list = append(v.list, member{name, items})
			continue
		}
		if len(form[name]) > 1 {
			j.say("body.duplicate-key", Error, (&spot{name: name}).String(), "the member stands more than once", as.at)
		}
		v.list = append(v.list, member{name, coerced(n, form[name][len(form[name])-1])})
	}
	j.evaluate(as, &v)
}

func (j *bodyJudge) evaluate(as *media, v *value) {
	if as.node == nil {
		return
	}
	e := evaluation{side: j.side, ignore: j.ignore, effort: &effort{}}
	e.visit(as.node, v, nil)
	e.undocumented([]*node{as.node}, v, nil)
	e.finish(as.node)
	j.out = append(j.out, e.out...)
	j.m.Shown.body(j.side, as, v)
}
