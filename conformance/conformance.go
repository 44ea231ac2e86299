// Package conformance judges recorded or live HTTP traffic against the
// documents of the APIs Kassa knows.
//
// # Judging
//
// A [Checker] holds the compiled documents. It opens one [Session] for each
// recording, and the session judges one [Exchange] after another: which
// documented operation it is, whether the request keeps to the document, and
// whether the response does. What breaks a rule is a [Finding], which names
// the rule, the place in the recording, and the line of the document.
//
// An exchange with a host of no document is unjudged, as are CONNECT and the
// preflights of browsers (OPTIONS); HEAD is judged as GET without a body. The
// rules for requests are skipped where the server has refused the request
// already, with a status of 400 to 499. Callbacks are judged too: when the
// request of a judged exchange says where it wants to be called back, a later
// POST to that address is judged as the documented callback.
//
// # Sources
//
// [CheckFiles] judges HAR files. [Transport] judges what an HTTP client does,
// and [Middleware] what an HTTP server answers, while it happens; both hand
// their exchanges to a [Sink], normally a [Recorder].
//
// # Never falsely green
//
// What could not be judged is said: see [Report.ExitCode] and [SourceError].
//
// # Secrets
//
// Recordings are redacted before their first byte is written, see [Redact];
// findings name places and types, and pass through the same redaction.
package conformance
