package main

import "fmt"

// Headline says to the shopper where the order stands, in a few words.
func (o *order) Headline() string {
	switch s := o.State(); {
	case s == waiting && o.Failure != "":
		return "The payment did not go through"
	case s == waiting:
		return "Not paid yet"
	case s == confirming:
		return "Waiting for " + o.Method.Brief()
	}
	return map[state]string{
		lost: "We could not take your order", asking: "One moment", failed: "The payment failed", cancelled: "The order is cancelled",
		reserved: "Thank you for your order", partlyCaptured: "Part of your order is on its way", paid: "Thank you, your order is paid",
		partlyRefunded: "Some of your money is on its way back", refunded: "Your money is on its way back",
	}[o.State()]
}

// Explanation says the same in a sentence or two, about the money above all.
func (o *order) Explanation() string {
	switch o.State() {
	case lost:
		return o.Trouble + " Nothing was paid."
	case asking:
		return "We are asking the bank for a payment. This page looks again by itself."
	case waiting:
		if o.Failure != "" {
			return o.Failure + " Nothing was taken, and you can try again."
		}
		return "We have your order, and it waits for you to pay."
	case confirming:
		return "If you have confirmed it, there is no more for you to do. This page looks again by itself."
	case failed:
		return o.Failure + " Nothing was taken."
	case cancelled:
		return "Nothing was taken, and nothing is reserved."
	case reserved:
		if o.Method == byInvoice {
			return "The invoice is approved. You get it when your pots are on their way."
		}
		return fmt.Sprintf("%s is reserved. We take it when your pots are on their way.", o.Authorised)
	case partlyCaptured:
		return fmt.Sprintf("%s was taken for what is on its way. %s is still reserved.", o.Captured, o.Left(capture))
	case paid:
		if o.Method.AtOnce() || o.Method == byResurs {
			return fmt.Sprintf("%s was paid. Your pots are soon on their way.", o.Captured)
		}
		return fmt.Sprintf("%s was taken. Your pots are on their way.", o.Captured)
	case partlyRefunded, refunded:
		return fmt.Sprintf("%s of %s was given back.", o.Reversed, o.Captured)
	}
	return ""
}

// Label is the state as the staff call it.
func (s state) Label() string {
	return map[state]string{
		lost: "No payment", asking: "Asking the bank", waiting: "Not paid yet", confirming: "Being confirmed", failed: "Failed",
		cancelled: "Cancelled", reserved: "Reserved", partlyCaptured: "Partly captured", paid: "Paid",
		partlyRefunded: "Partly refunded", refunded: "Refunded",
	}[s]
}

// Tone is how a state is drawn: good, bad or neither.
func (s state) Tone() string {
	switch s {
	case reserved, partlyCaptured, paid:
		return "good"
	case lost, failed:
		return "bad"
	}
	return "calm"
}

// Tone is that of the state, but for a payer who was declined: that is worth a mark even though they may try again.
func (o *order) Tone() string {
	if s := o.State(); s != waiting || o.Failure == "" {
		return s.Tone()
	}
	return "bad"
}

// Words is an outcome as the staff read it.
func (o outcome) Words() string {
	return map[outcome]string{
		unheard: "Outcome unknown", underWay: "Under way", done: "Done", refused: "Refused",
	}[o]
}
