package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// The forms in which payments and facts are kept. They are apart from the types they are made of, so that those can
// change while old files stay readable.

type paymentRecord struct {
	Instrument string      `json:"instrument"`
	Number     int64       `json:"number"`
	Token      string      `json:"token"`
	Created    time.Time   `json:"created"`
	Attempts   int         `json:"attempts"`
	Order      orderRecord `json:"order"`
}

type orderRecord struct {
	Operation      string                     `json:"operation"`
	Intent         string                     `json:"intent,omitempty"`
	Currency       string                     `json:"currency"`
	Description    string                     `json:"description"`
	UserAgent      string                     `json:"userAgent"`
	SystemAgent    string                     `json:"systemAgent,omitempty"`
	Language       string                     `json:"language"`
	PayerReference string                     `json:"payerReference,omitempty"`
	Prices         []psp.PriceRequest         `json:"prices,omitempty"`
	Urls           psp.UrlsRequest            `json:"urls"`
	Payee          psp.PayeeInfoRequest       `json:"payee"`
	Metadata       map[string]json.RawMessage `json:"metadata,omitempty"`
	Wants          []string                   `json:"wants,omitempty"`
	Stored         string                     `json:"stored,omitempty"`
	Msisdn         string                     `json:"msisdn,omitempty"`
	Restricted     bool                       `json:"restricted,omitempty"`
	Card           *card                      `json:"card,omitempty"`
}

type factRecord struct {
	At      time.Time      `json:"at"`
	Event   event          `json:"event"`
	Tx      string         `json:"tx,omitempty"`
	Move    *moveRecord    `json:"move,omitempty"`
	Card    *card          `json:"card,omitempty"`
	Tokens  []tokenRecord  `json:"tokens,omitempty"`
	Extra   []extraRecord  `json:"extra"` // null and empty differ
	Parties *partiesRecord `json:"parties,omitempty"`
	Address *address       `json:"address,omitempty"`
	Failure *failureRecord `json:"failure,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Due     time.Time      `json:"due,omitzero"`
	Will    event          `json:"will,omitempty"`
}

type moveRecord struct {
	Op               ledger.Op                        `json:"op"`
	Number           int64                            `json:"number"`
	Amount           int64                            `json:"amount"`
	VatAmount        int64                            `json:"vatAmount"`
	Description      string                           `json:"description"`
	PayeeReference   string                           `json:"payeeReference"`
	ReceiptReference string                           `json:"receiptReference,omitempty"`
	Msisdn           string                           `json:"msisdn,omitempty"`
	InApp            bool                             `json:"inApp,omitempty"`
	Items            []invoice.ItemDescriptionRequest `json:"items,omitempty"`
}

type tokenRecord struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// An extraRecord is a member that one instrument alone tells of a transaction, with the type of its value.
type extraRecord struct {
	Name string          `json:"name"`
	Type string          `json:"type"` // string, bool, link or local
	Text json.RawMessage `json:"value"`
}

type partiesRecord struct {
	Consumer invoice.ConsumerRequest `json:"consumer"`
	Legal    address                 `json:"legal"`
	Billing  address                 `json:"billing"`
}

type failureRecord struct {
	Reason      string          `json:"reason"`
	Activity    string          `json:"activity"`
	Code        string          `json:"code"`
	Description string          `json:"description"`
	Problem     *refuse.Problem `json:"problem"`
}

// record writes a payment without its facts.
func (p *payment) record() Record {
	o := p.order
	return recorded(p.id, recordPayment, paymentRecord{
		Instrument: p.instrument.segment, Number: p.number, Token: p.token, Created: p.created, Attempts: p.attempts,
		Order: orderRecord{
			Operation: o.operation, Intent: o.intent, Currency: o.currency, Description: o.description, UserAgent: o.userAgent,
			SystemAgent: o.systemAgent, Language: o.language, PayerReference: o.payerReference, Prices: o.prices, Urls: o.urls,
			Payee: o.payee, Metadata: o.metadata, Wants: o.wants, Stored: o.stored, Msisdn: o.msisdn, Restricted: o.restricted, Card: o.card,
		},
	})
}

// recorded encodes what always can be.
func recorded(subject, kind string, v any) Record {
	data, err := refuse.JSON(v)
	if err != nil {
		panic(fmt.Sprintf("a %s does not encode: %v", kind, err)) // strings, numbers and what was decoded from JSON: never
	}
	return Record{Subject: subject, Kind: kind, Data: data}
}

// payment reads a payment without its facts.
func (r Record) payment() (payment, error) {
	var in paymentRecord
	if err := json.Unmarshal(r.Data, &in); err != nil {
		return payment{}, err
	}
	i := instrumentOf(in.Instrument)
	if i == nil {
		return payment{}, fmt.Errorf("%q is no instrument", in.Instrument)
	}
	o := in.Order
	p := payment{
		instrument: i, id: r.Subject, number: in.Number, token: in.Token, created: in.Created, attempts: in.Attempts,
		order: order{
			operation: o.Operation, intent: o.Intent, currency: o.Currency, description: o.Description, userAgent: o.UserAgent,
			systemAgent: o.SystemAgent, language: o.Language, payerReference: o.PayerReference, prices: o.Prices, urls: o.Urls,
			payee: o.Payee, metadata: spelledAlike(o.Metadata), wants: o.Wants, stored: o.Stored, msisdn: o.Msisdn, restricted: o.Restricted, card: o.Card,
		},
	}
	p.state.updated = p.created
	return p, nil
}

// spelledAlike spells the text in metadata as answers do. A value that was kept, or went through a snapshot, may have
// other escapes than the one that the merchant sent, and has to be answered with the same bytes.
func spelledAlike(metadata map[string]json.RawMessage) map[string]json.RawMessage {
	for name, value := range metadata {
		var text string
		if !bytes.HasPrefix(value, []byte(`"`)) || json.Unmarshal(value, &text) != nil {
			continue // a number, or a word of JSON's own
		}
		metadata[name], _ = refuse.JSON(text) // a string always encodes
	}
	return metadata
}

// record writes a fact about a payment.
func (f fact) record(payment string) Record {
	out := factRecord{
		At: f.at, Event: f.event, Tx: f.tx, Card: f.card, Address: f.address, Reason: f.reason, Due: f.due, Will: f.will,
	}
	if m := f.move; m != nil {
		out.Move = &moveRecord{
			Op: m.op, Number: m.number, Amount: m.amount, VatAmount: m.vatAmount, Description: m.description,
			PayeeReference: m.payeeReference, ReceiptReference: m.receiptReference, Msisdn: m.msisdn, InApp: m.inApp, Items: m.items,
		}
	}
	for _, t := range f.tokens {
		out.Tokens = append(out.Tokens, tokenRecord{t.kind, t.value})
	}
	if f.extra != nil {
		out.Extra = []extraRecord{}
	}
	for _, m := range f.extra {
		kind := "string"
		switch m.value.(type) {
		case bool:
			kind = "bool"
		case link:
			kind = "link"
		case local:
			kind = "local"
		}
		text, _ := json.Marshal(m.value) // strings, booleans and links always encode
		out.Extra = append(out.Extra, extraRecord{m.name, kind, text})
	}
	if p := f.parties; p != nil {
		out.Parties = &partiesRecord{p.consumer, p.legal, p.billing}
	}
	out.Failure = f.failure.record()
	return recorded(payment, recordFact, out)
}

func (f *failure) record() *failureRecord {
	if f == nil {
		return nil
	}
	return &failureRecord{f.reason, f.activity, f.code, f.description, f.problem}
}

// fact reads a fact.
func (r Record) fact() (fact, error) {
	var in factRecord
	if err := json.Unmarshal(r.Data, &in); err != nil {
		return fact{}, err
	}
	f := fact{
		at: in.At, event: in.Event, tx: in.Tx, card: in.Card, address: in.Address, reason: in.Reason, due: in.Due, will: in.Will,
	}
	if m := in.Move; m != nil {
		f.move = &move{
			op: m.Op, number: m.Number, amount: m.Amount, vatAmount: m.VatAmount, description: m.Description,
			payeeReference: m.PayeeReference, receiptReference: m.ReceiptReference, msisdn: m.Msisdn, inApp: m.InApp, items: m.Items,
		}
	}
	for _, t := range in.Tokens {
		f.tokens = append(f.tokens, token{kind: t.Kind, value: t.Value})
	}
	if in.Extra != nil {
		f.extra = members{}
	}
	for _, m := range in.Extra {
		value, err := m.value()
		if err != nil {
			return fact{}, fmt.Errorf("member %s: %w", m.Name, err)
		}
		f.extra = append(f.extra, member{m.Name, value})
	}
	if p := in.Parties; p != nil {
		f.parties = &parties{p.Consumer, p.Legal, p.Billing}
	}
	if x := in.Failure; x != nil {
		f.failure = &failure{x.Reason, x.Activity, x.Code, x.Description, x.Problem}
	}
	return f, nil
}

func (m extraRecord) value() (any, error) {
	switch m.Type {
	case "string":
		return decodedAs[string](m.Text)
	case "bool":
		return decodedAs[bool](m.Text)
	case "link":
		return decodedAs[link](m.Text)
	case "local":
		return decodedAs[local](m.Text)
	default:
		return nil, fmt.Errorf("%q is no type of value", m.Type)
	}
}

func decodedAs[T any](text []byte) (any, error) {
	var v T
	err := json.Unmarshal(text, &v)
	return v, err
}
