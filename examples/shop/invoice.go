package main

import (
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/gen/swedbankpay/invoice"
)

// bill writes the lines of an invoice, which the capture issues. A capture of the whole order lists its goods. What a
// capture of a part is for only the staff know, so it has one line that says so.
func bill(m *swedbankpay.Movement, o *order) {
	if m.Amount == o.Lines.Total() {
		for _, l := range o.Lines {
			m.Items = append(m.Items, invoice.ItemDescriptionRequest{Amount: l.Sum().Minor(), Description: l.Name})
		}
	} else {
		m.Items = []invoice.ItemDescriptionRequest{{Amount: m.Amount.Minor(), Description: "Part of " + o.Title()}}
	}
	m.VATSummary = []invoice.VatSummaryRequest{{Amount: m.Amount.Minor(), VatAmount: m.VAT.Minor(), VatPercent: "2500"}}
}
