package swedbankpay

import (
	"iter"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
)

// collect goes through a list to its end.
func collect(seq iter.Seq2[Transaction, error]) (all []Transaction, errs []error) {
	for t, err := range seq {
		all, errs = append(all, t), append(errs, err)
	}
	return all, errs
}

const (
	captureOne = `{"id":"` + cardID + `/captures/t1","surprise":[1],"transaction":{"id":"` + cardID + `/transactions/t1","state":"Completed","amount":1001,"unknownMember":1}}`
	captureTwo = `{"id":"` + cardID + `/captures/t2","transaction":{"id":"` + cardID + `/transactions/t2","state":"Failed","amount":7}}`
	captures   = `{"payment":"` + cardID + `","captures":{"id":"` + cardID + `/captures","captureList":[` + captureOne + `,` + captureTwo + `]}}`
)

func TestListFollowsTheLink(t *testing.T) {
	b := newBank(t)
	b.payment["captures"] = map[string]any{"id": cardID + "/captures"}
	b.answers["GET "+cardID+"/captures"] = "200 " + captures
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	list := payment.List(t.Context(), ExpandCaptures)
	assert.Equal(t, []string{"GET " + cardID}, b.calls(), "nothing is sent before the loop begins")

	for range 2 {
		all, errs := collect(list)
		require.Equal(t, []error{nil, nil}, errs)
		assert.Equal(t, cardID+"/captures/t1", all[0].Resource)
		assert.Equal(t, cardID+"/transactions/t1", all[0].ID)
		assert.Equal(t, int64(1001), all[0].Amount)
		assert.Equal(t, "Failed", all[1].State)
		assert.JSONEq(t, captureOne, string(all[0].Raw))
		assert.JSONEq(t, captureTwo, string(all[1].Raw))
		surprise, ok := all[0].Member("/surprise/0")
		assert.True(t, ok)
		assert.Equal(t, "1", string(surprise))
		assert.Equal(t, []string{"GET " + cardID + "/captures"}, b.calls())
	}

	for transaction, err := range list {
		require.NoError(t, err)
		assert.Equal(t, "Completed", transaction.State)
		break
	}
	assert.Len(t, b.calls(), 1)
	b.keepsContract(t)
}

func TestListShownInFull(t *testing.T) {
	b := newBank(t, "POST create-capture /captures")
	b.payment["captures"] = map[string]any{"id": cardID + "/captures", "captureList": []any{
		map[string]any{"id": cardID + "/captures/t1", "transaction": map[string]any{"id": cardID + "/transactions/t1", "amount": 1001}},
	}}
	b.payment["reversals"] = map[string]any{"id": cardID + "/reversals", "reversalList": []any{}}
	b.answers["GET "+cardID+"/captures"] = "200 " + captures
	payment, err := b.client().Payment(t.Context(), cardID, ExpandCaptures, ExpandReversals)
	require.NoError(t, err)
	b.calls()

	all, errs := collect(payment.List(t.Context(), ExpandCaptures))
	require.Equal(t, []error{nil}, errs)
	assert.Equal(t, cardID+"/captures/t1", all[0].Resource)
	assert.Equal(t, int64(1001), all[0].Amount)
	all, _ = collect(payment.List(t.Context(), ExpandReversals))
	assert.Empty(t, all)
	all, _ = collect(payment.List(t.Context(), ExpandSales))
	assert.Empty(t, all, "neither shown nor linked: there is none")
	assert.Empty(t, b.calls(), "what was shown is not read again")

	payment.stale = errChanged
	all, errs = collect(payment.List(t.Context(), ExpandCaptures))
	require.Equal(t, []error{nil, nil}, errs)
	assert.Len(t, all, 2)
	assert.Equal(t, []string{"GET " + cardID + "/captures"}, b.calls(), "what is out of date is read again")
	assert.Error(t, payment.Stale(), "the payment itself was not")
}

// A first capture gives the payment a link that an older reading does not have.
func TestListOfStalePayment(t *testing.T) {
	b := newBank(t)
	b.answers["GET "+cardID+"/captures"] = "200 " + captures
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	payment.stale = errChanged
	b.payment["captures"] = map[string]any{"id": cardID + "/captures"}
	b.calls()
	all, errs := collect(payment.List(t.Context(), ExpandCaptures))
	require.Equal(t, []error{nil, nil}, errs)
	assert.Len(t, all, 2)
	assert.Equal(t, []string{"GET " + cardID, "GET " + cardID + "/captures"}, b.calls())
	assert.NoError(t, payment.Stale())

	payment.stale = errChanged
	b.answers["GET "+cardID] = "500 {}"
	all, errs = collect(payment.List(t.Context(), ExpandSales))
	require.Len(t, errs, 1)
	assert.Equal(t, http.StatusInternalServerError, client.StatusOf(errs[0]))
	assert.Equal(t, []Transaction{{}}, all)
}

func TestListOfEachKind(t *testing.T) {
	for list, member := range map[Expand]string{
		ExpandAuthorizations: "authorizationList", ExpandCancellations: "cancellationList", ExpandCaptures: "captureList",
		ExpandReversals: "reversalList", ExpandSales: "saleList", ExpandVerifications: "verificationList",
	} {
		b := newBank(t)
		id := cardID + "/" + string(list)
		b.payment[string(list)] = map[string]any{"id": id}
		b.answers["GET "+id] = `200 {"` + string(list) + `":{"id":"` + id + `","otherList":[{},{},{}],"` + member + `":[{"id":"` + id + `/t1","transaction":{"id":"t1"}}]}}`
		payment, err := b.client().Payment(t.Context(), cardID)
		require.NoError(t, err)
		all, errs := collect(payment.List(t.Context(), list))
		require.Equal(t, []error{nil}, errs, list)
		assert.Equal(t, id+"/t1", all[0].Resource)
		assert.Equal(t, "t1", all[0].ID)
	}

	b := newBank(t)
	b.payment["transactions"] = map[string]any{"id": cardID + "/transactions"}
	b.answers["GET "+cardID+"/transactions"] = `200 {"transactions":{"transactionList":[{"id":"t1","type":"Capture"},{"id":"t2","type":"Reversal"}]}}`
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	all, errs := collect(payment.Transactions(t.Context()))
	require.Equal(t, []error{nil, nil}, errs)
	assert.Equal(t, "t1", all[0].Resource)
	assert.Equal(t, "Capture", all[0].Type)
	assert.Equal(t, "Reversal", all[1].Type)

	b.calls()
	for _, list := range []Expand{"", "captures/x", ExpandPrices, ExpandURLs, "Captures", "capture"} {
		_, errs := collect(payment.List(t.Context(), list))
		require.Len(t, errs, 1)
		refuses(t, errs[0], "Expand")
	}
	assert.Empty(t, b.calls())
}

// One strange entry does not hide the others.
func TestListOfStrangeEntries(t *testing.T) {
	b := newBank(t)
	b.payment["captures"] = map[string]any{"id": cardID + "/captures"}
	b.answers["GET "+cardID+"/captures"] = `200 {"captures":{"captureList":[
		{}, null, {"id":"c3"}, {"transaction":{"amount":"secret","state":"Completed"}}, 7, ` + captureTwo + `]}}`
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	all, errs := collect(payment.List(t.Context(), ExpandCaptures))
	require.Len(t, all, 6)
	for i, strange := range []bool{false, false, false, true, true, false} {
		if !strange {
			require.NoError(t, errs[i])
			continue
		}
		var d *client.DecodeError
		require.ErrorAs(t, errs[i], &d)
		assert.Equal(t, "GET "+cardID+"/captures", d.Request)
		assert.Equal(t, http.StatusOK, d.Status)
		assert.Equal(t, string(all[i].Raw), string(d.Body))
		assert.NotContains(t, errs[i].Error(), "secret")
	}
	assert.Equal(t, "c3", all[2].Resource)
	assert.Equal(t, "Completed", all[3].State)
	assert.Equal(t, "7", string(all[4].Raw))
	assert.Equal(t, int64(7), all[5].Amount)

	for _, err := range payment.List(t.Context(), ExpandCaptures) {
		require.NoError(t, err)
		break // after an entry that is fine
	}
	for _, err := range payment.List(t.Context(), ExpandCaptures) {
		if err != nil {
			break // after one that is not
		}
	}
}

func TestListFails(t *testing.T) {
	for name, answer := range map[string]string{
		"refused": `404 {"type":"https://api.payex.com/psp/errordetail/notfound"}`, "no JSON": "200 <html>", "no list": `200 {"captures":{"id":"x"}}`,
		"null": `200 {"captures":{"id":"x","captureList":null}}`, "no root": `200 {"payment":"x"}`, "no array": `200 {"captures":{"captureList":{}}}`, "an array": `200 []`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBank(t)
			b.payment["captures"] = map[string]any{"id": cardID + "/captures"}
			b.answers["GET "+cardID+"/captures"] = answer
			payment, err := b.client().Payment(t.Context(), cardID)
			require.NoError(t, err)
			all, errs := collect(payment.List(t.Context(), ExpandCaptures))
			require.Len(t, errs, 1)
			assert.NotZero(t, client.StatusOf(errs[0]))
			assert.Equal(t, []Transaction{{}}, all)
		})
	}
	b := newBank(t)
	b.payment["captures"] = map[string]any{"id": "https://evil.example/captures"}
	payment, err := b.client().Payment(t.Context(), cardID)
	require.NoError(t, err)
	_, errs := collect(payment.List(t.Context(), ExpandCaptures))
	var foreign *client.ForeignHostError
	require.ErrorAs(t, errs[0], &foreign)
}
