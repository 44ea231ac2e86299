package main

import (
	"net/url"
	"strconv"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// A good is something on the shelf. Its price includes VAT of 25 percent.
type good struct {
	ID    string // in addresses, and the name of its picture
	Name  string
	Words string
	Price swedbankpay.Amount
}

// shelf is what the shop sells. Prices are on the server alone: a browser says which goods and how many, never for how
// much.
var shelf = []good{
	{"mug", "Morning mug", "Holds a quarter of a litre, and warms both hands.", swedbankpay.SEK(295_00)},
	{"bowl", "Soup bowl", "Deep enough for seconds. Glazed in lingonberry red.", swedbankpay.SEK(420_00)},
	{"jug", "Milk jug", "Pours without a drip. Also good for tulips.", swedbankpay.SEK(560_00)},
	{"plate", "Bread plate", "Thrown thin, fired twice, and no two alike.", swedbankpay.SEK(240_00)},
}

// most is how many of one good can be ordered at once.
const most = 20

// A line is so many of one good, at the price it had when it was ordered.
type line struct {
	Good  string // its id
	Name  string
	Price swedbankpay.Amount // of one
	Count int
}

// Sum is the price of all.
func (l line) Sum() swedbankpay.Amount { return swedbankpay.SEK(l.Price.Minor() * int64(l.Count)) }

// A basket is what a shopper has chosen. It lives in the address of the page, as in /checkout?mug=2&bowl=1: there is
// nothing to remember on the server, and nothing to lose.
type basket []line

// basketOf reads a basket. What is no number, or no good of ours, is not in it.
func basketOf(form url.Values) basket {
	var b basket
	for _, g := range shelf {
		if n, err := strconv.Atoi(form.Get(g.ID)); err == nil && n > 0 {
			b = append(b, line{Good: g.ID, Name: g.Name, Price: g.Price, Count: min(n, most)})
		}
	}
	return b
}

// At is the address of a page with the basket in it.
func (b basket) At(page string) string {
	q := url.Values{}
	for _, l := range b {
		q.Set(l.Good, strconv.Itoa(l.Count))
	}
	return page + "?" + q.Encode()
}

// Count is how many of a good are in the basket.
func (b basket) Count(id string) int {
	for _, l := range b {
		if l.Good == id {
			return l.Count
		}
	}
	return 0
}

// Total is what the basket costs.
func (b basket) Total() swedbankpay.Amount {
	var minor int64
	for _, l := range b {
		minor += l.Sum().Minor()
	}
	return swedbankpay.SEK(minor)
}

// VAT is the part of Total that is VAT.
func (b basket) VAT() swedbankpay.Amount { return vatOf(b.Total()) }

// vatOf is the VAT in an amount that includes 25 percent of it: a fifth, rounded down to whole öre.
func vatOf(a swedbankpay.Amount) swedbankpay.Amount { return swedbankpay.SEK(a.Minor() / 5) }
