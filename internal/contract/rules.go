package contract

import (
	"cmp"
	"slices"
)

// Rule is one thing a violation can say, under a name that stays.
type Rule struct {
	ID       string
	Severity Severity // the usual one; a violation may be milder
	Title    string
	Detail   string
}

// sided rules exist for requests and for responses.
var sided = []Rule{
	{"media-type.undocumented", Error, "the media type of the body is not documented",
		"The document lists the media types of each body. The type is compared in any letter case; documented parameters must be there, in any order; charset does not matter. A body of another type is not judged further. Send a documented type, or look whether a gateway answered in the API's place."},
	{"body.missing", Error, "a documented body is not there",
		"The document requires a body and the message has none, or an empty one. Where an empty body is documented too, the document says so (x-body-optional)."},
	{"body.unexpected", Error, "there is a body where none is documented",
		"The operation or the status has no documented body, or the status (204, 205, 304) cannot have one."},
	{"body.malformed", Error, "the body cannot be read as what it says it is",
		"JSON must be exactly one value in valid UTF-8, without a byte order mark, lone surrogates, or anything after it, and nested at most 512 deep. A form must have valid escapes."},
	{"body.duplicate-key", Error, "a member stands more than once",
		"Readers disagree about which of two members with one name counts, so money may be read in two ways. Send each member once."},
	{"body.schema", Error, "a value is not what the schema allows",
		"Type, enumeration, length, pattern, bounds, number of items, alternatives: the message says which, the line of the document says what is allowed."},
	{"body.required", Error, "a required member is missing",
		"The schema lists the member as required for this direction, or wants one of several (x-one-of-required), or tells its alternatives apart by it."},
	{"body.expected", Warning, "a member documented as mandatory is missing",
		"The documentation calls the member mandatory while one of its own examples goes without (x-expected). Send it: the live environment may refuse the request."},
	{"body.integer", Error, "a number is not an integer as it has to be written",
		"Amounts are integers of minor units and numbers fit 64 bits: 15.00 kronor is 1500, never 15.0, 1e3 or \"1500\". Values past the 64 bits lose digits in most readers."},
	{"body.format", Error, "a text is not of its format",
		"Formats are asserted: dates are days of the calendar, date-times have T, a zone and at most nine fraction digits, URIs are absolute and in ASCII, UUIDs have five groups."},
	{"body.member.undocumented", Note, "a member is not documented",
		"In a response this is drift: the API says more than the document. In a request it is a warning, because the API may ignore what was meant. Members are looked up through allOf, and through the alternatives that accept the value."},
	{"body.value.undocumented", Note, "a value of an open vocabulary is not documented",
		"The vocabulary may grow (x-open-enum), so an unknown value is no error. Look whether it means something to you."},
	{"body.unknown", Warning, "the recording does not hold the body",
		"The recorder says there was a body and did not keep it, or kept a part. What it said cannot be judged. Record with contents."},
	{"body.too-large", Error, "the body is larger than what is judged",
		"Bodies are judged up to 16 MiB and 500,000 values, and branching schemas up to a bound of work. Neither API has bodies anywhere near."},
	{"header.schema", Error, "a header has a value that the schema does not allow",
		"The value of a documented header breaks its schema."},
	{"header.missing", Error, "a required header is missing",
		"The document requires the header, such as Location on an answer of 201."},
}

var oneSided = []Rule{
	{"request.path.unknown", Error, "the path is documented nowhere",
		"The host belongs to a documented API and no operation has this path. Build no URLs: follow the ones the API gives."},
	{"request.method.unknown", Error, "the path does not take this method",
		"The path is documented with other methods. Use the method that the operation was offered with."},
	{"request.path.trailing-slash", Note, "the path ends with a slash the document does not have",
		"The API forgives one slash at the end, and some published samples have it. Leave it out."},
	{"request.path.parameter", Error, "a part of the path is not what the schema allows",
		"A path parameter breaks its schema."},
	{"request.query.undocumented", Warning, "a query parameter is not documented",
		"The API may ignore it, and then the request does not do what was meant."},
	{"request.query.schema", Error, "a query parameter is not what the schema allows",
		"Every value of a repeated parameter is judged."},
	{"request.query.missing", Error, "a required query parameter is missing", "The document requires the parameter."},
	{"request.auth.missing", Error, "the request carries no credentials",
		"The operation wants credentials. A recording from which they were stripped is not blamed for that."},
	{"request.auth.unknown", Note, "the recording does not show whether there were credentials",
		"The operation wants credentials, and the recorder is one that takes them out of what it writes, as browsers do unless told otherwise. Whether the request had any is unknown, which is neither right nor wrong. Record with sensitive data, or with Kassa, which keeps the scheme."},
	{"request.auth.scheme", Error, "the credentials are of the wrong kind",
		"The operation wants another scheme, the credentials are empty, or there are several."},
	{"request.media-type.missing", Warning, "the request has a body without Content-Type",
		"It was judged as JSON. Send application/json."},
	{"request.body.member.case", Warning, "a member is spelled in other letter case than documented",
		"This API takes members in any letter case, so the request works. Spell it as documented: other tools may not find it."},
	{"request.body.value.case", Warning, "a value is spelled in other letter case than documented",
		"This API takes the values of its vocabularies in any letter case, so the request works. Spell it as documented: other tools may not find it."},
	{"response.status.undocumented", Error, "the status is not documented",
		"Of an undocumented 2xx nobody can say what it means, so it is an error. Another undocumented status is a warning. The body was not judged."},
	{"response.media-type.missing", Error, "the response has a body without Content-Type",
		"Clients pick their reader by it. The body was judged as JSON."},
}

// Rules lists every rule that judging a message, or matching it, can break,
// by ID.
func Rules() []Rule {
	rules := slices.Clone(oneSided)
	for _, r := range sided {
		for _, side := range []Side{Request, Response} {
			each := r
			each.ID = string(side) + "." + r.ID
			if r.ID == "body.member.undocumented" && side == Request {
				each.Severity = Warning
			}
			rules = append(rules, each)
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}
