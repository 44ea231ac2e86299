// Package ndjson reads and writes recordings of HTTP traffic as lines of JSON,
// one exchange a line. The format is Kassa's own, and for programs: a recorder in
// any language writes it with its JSON library, appends without rewriting, and
// loses nothing but its last line when it is killed.
//
// # The format
//
// The first line is the head. It names the format and its version, who recorded,
// and which base URLs to judge as servers of the documents:
//
//	{"schema":"kassa.exchanges/1","creator":"my recorder","servers":["http://127.0.0.1:8585"]}
//
// Only schema is required, and it comes first. A head may come again where files
// were joined; its servers are added to the ones before. Every other line is an
// exchange:
//
//	{"method":"POST","url":"https://api.example/orders","started":"2024-05-01T08:00:00.123Z",
//	 "request":{"headers":{"Content-Type":["application/json"]},"body":"{\"amount\":1500}"},
//	 "response":{"status":201,"headers":{"Content-Type":["application/json"]},"body":"{}"}}
//
// (on one line; it is broken here to be read). The members of an exchange are
//
//   - method and url, absolute; both are required;
//   - started, RFC 3339, when the request began;
//   - inbound, true if the side that answered recorded it, as with callbacks;
//   - error, why there is no response;
//   - request and response. Without a response, or with status 0, there was none.
//
// and those of a request or response
//
//   - status, of a response, 100 to 999;
//   - headers, an object of names with a list of values each, or one value. An
//     empty object says that there were none; without the member, or with
//     headersUnknown, nobody knows;
//   - body, the text of it, or bodyBase64, its bytes, with content encodings such
//     as gzip undone. "" is an empty body; without either there was none;
//   - bodyUnknown, true if there may have been one that was not kept;
//   - authUnknown, of a request, true if credentials may have been taken out.
//
// A member that is null is as good as absent. Members that are not listed are
// ignored, and may come to mean something in a later version. Empty lines are
// ignored too. A line that is damaged is reported, and the next one read; one at
// the end that no line feed ends and that is no JSON means that the file was cut.
//
// # Secrets
//
// The writer writes what it is given, as that of package har does.
package ndjson

// Schema names the format in its head.
const Schema = "kassa.exchanges/1"

// family is what the schemas of all versions begin with.
const family = "kassa.exchanges/"
