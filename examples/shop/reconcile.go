package main

import (
	"context"
	"errors"

	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// carryOut brings an operation that is stored to its end, whether it is new or was left behind by a process that died.
//
// It looks first. Has the bank a transaction of this reference, then that is what became of it. Has it none, the operation
// is sent under the reference it has always had, so that it happens once even if an earlier attempt is still on its way.
// When the outcome stays unknown it stays stored as that, and carryOut can be called again at any time.
func (s *shop) carryOut(ctx context.Context, o *order, op operation) error {
	payment, err := s.pay.Payment(ctx, o.Payment, swedbankpay.ExpandTransactions)
	if err != nil {
		return err
	}
	found, _, err := payment.Reconcile(ctx, op.Reference)
	if err != nil {
		return err
	}
	if found == swedbankpay.OutcomeDone {
		_, err := s.learn(ctx, o, payment)
		return err
	}
	_, err = send(ctx, payment, o, op)
	if why, no := refusal(err); no {
		// Perhaps what was refused is the second of two attempts, because the first has been done meanwhile.
		if found, _, err = payment.Reconcile(ctx, op.Reference); err != nil {
			return err
		}
		if found != swedbankpay.OutcomeDone {
			return s.orders.learn(ctx, o.Number, reading{}, []fate{{op.Reference, refused, why}})
		}
	}
	if err != nil {
		return err
	}
	// The payment was read again after it had changed, or is read now. If that fails the operation stays unheard a little
	// longer: that it is done, and what the sums are, is stored together or not at all.
	_, err = s.learn(ctx, o, payment)
	return err
}

// send asks the bank to do it.
func send(ctx context.Context, payment *swedbankpay.Payment, o *order, op operation) (*swedbankpay.Transaction, error) {
	movement := swedbankpay.Movement{
		Amount: op.Amount, VAT: vatOf(op.Amount), Description: o.Title(), PayeeReference: op.Reference,
	}
	switch op.Kind {
	case capture:
		if o.Method == byInvoice {
			bill(&movement, o)
		}
		return payment.Capture(ctx, movement)
	case cancellation:
		return payment.Cancel(ctx, swedbankpay.Release{Description: o.Title(), PayeeReference: op.Reference})
	default:
		return payment.Reverse(ctx, movement)
	}
}

// catchUp goes through what a process left behind that is no more: operations nobody has heard of, and payments that were
// paid while no callback could reach us. It is done once, when the shop opens.
func (s *shop) catchUp(ctx context.Context) error {
	open, err := s.orders.open(ctx)
	for _, o := range open {
		err = errors.Join(err, s.settle(ctx, o))
	}
	return err
}

// settle does for one order what catchUp does for all.
func (s *shop) settle(ctx context.Context, o *order) error {
	var failed error
	for _, op := range o.Operations {
		if op.Outcome == unheard {
			s.log.Warn("an operation was left behind", "order", o.Number, "kind", op.Kind, "reference", op.Reference)
			failed = errors.Join(failed, s.carryOut(ctx, o, op))
		}
	}
	_, err := s.refresh(ctx, o)
	return errors.Join(failed, err)
}
