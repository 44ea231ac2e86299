package server

import (
	"net/http"

	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// An answer is a Swedbank Pay answer to any operation of any instrument. It takes the place of the generated response
// types, one for each operation, because those cannot say what view.go explains.
type answer struct {
	status   int
	location string // absolute; empty when nothing was created
	body     any
}

func (a answer) write(w http.ResponseWriter) error {
	body, err := refuse.JSON(a.body)
	if err != nil {
		return err
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	return refuse.Write(w, a.status, refuse.MediaJSON, body)
}

func (a answer) VisitAbortPaymentResponse(w http.ResponseWriter) error        { return a.write(w) }
func (a answer) VisitCreateCancellationResponse(w http.ResponseWriter) error  { return a.write(w) }
func (a answer) VisitCreateCaptureResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitCreatePaymentResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitCreateReversalResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitCreateSaleResponse(w http.ResponseWriter) error          { return a.write(w) }
func (a answer) VisitGetAbortedResponse(w http.ResponseWriter) error          { return a.write(w) }
func (a answer) VisitGetAuthorizationResponse(w http.ResponseWriter) error    { return a.write(w) }
func (a answer) VisitGetCancellationResponse(w http.ResponseWriter) error     { return a.write(w) }
func (a answer) VisitGetCaptureResponse(w http.ResponseWriter) error          { return a.write(w) }
func (a answer) VisitGetFailedResponse(w http.ResponseWriter) error           { return a.write(w) }
func (a answer) VisitGetItemDescriptionsResponse(w http.ResponseWriter) error { return a.write(w) }
func (a answer) VisitGetMetadataResponse(w http.ResponseWriter) error         { return a.write(w) }
func (a answer) VisitGetPaidResponse(w http.ResponseWriter) error             { return a.write(w) }
func (a answer) VisitGetPayeeInfoResponse(w http.ResponseWriter) error        { return a.write(w) }
func (a answer) VisitGetPayersResponse(w http.ResponseWriter) error           { return a.write(w) }
func (a answer) VisitGetPaymentResponse(w http.ResponseWriter) error          { return a.write(w) }
func (a answer) VisitGetPricesResponse(w http.ResponseWriter) error           { return a.write(w) }
func (a answer) VisitGetReversalResponse(w http.ResponseWriter) error         { return a.write(w) }
func (a answer) VisitGetSaleResponse(w http.ResponseWriter) error             { return a.write(w) }
func (a answer) VisitGetTransactionResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitGetUrlsResponse(w http.ResponseWriter) error             { return a.write(w) }
func (a answer) VisitListAuthorizationsResponse(w http.ResponseWriter) error  { return a.write(w) }
func (a answer) VisitListCancellationsResponse(w http.ResponseWriter) error   { return a.write(w) }
func (a answer) VisitListCapturesResponse(w http.ResponseWriter) error        { return a.write(w) }
func (a answer) VisitListReversalsResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitListSalesResponse(w http.ResponseWriter) error           { return a.write(w) }
func (a answer) VisitListTransactionsResponse(w http.ResponseWriter) error    { return a.write(w) }
