package sqlinbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver is the merchant's choice

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/client/swedbankpay/sqlinbox"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
	"github.com/kassa-dev/kassa/server"
)

// The orders and the inbox of a shop are in one database, so that what happens
// to an order, and that the event was handled, is one transaction.
func Example() {
	sandbox, err := server.New()
	if err != nil {
		log.Fatal(err)
	}
	defer sandbox.Close()
	folder, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(folder)+"/shop.db?_pragma=busy_timeout(5000)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `CREATE TABLE orders (payment TEXT, paid INTEGER)`); err != nil {
		log.Fatal(err)
	}

	inbox, err := sqlinbox.Open(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	pay := swedbankpay.New(client.StaticToken("any-token"), client.WithHTTPClient(sandbox.Client()))
	callbacks := swedbankpay.NewCallbacks(pay, func(ctx context.Context, e swedbankpay.Event) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if err := inbox.MarkHandled(ctx, tx, e); err != nil {
			return err
		}
		if e.Transaction != nil && e.Transaction.Type == "Authorization" && e.Transaction.State == "Completed" {
			if _, err := tx.ExecContext(ctx, `INSERT INTO orders VALUES (?, ?)`, e.Payment.Payment.ID, e.Transaction.Amount); err != nil {
				return err
			}
		}
		return tx.Commit()
	}, swedbankpay.WithInbox(inbox))
	if err := callbacks.Resume(ctx); err != nil { // what an earlier process left
		log.Fatal(err)
	}
	shop := httptest.NewServer(callbacks)

	payment, err := pay.CreditCard.Create(ctx, swedbankpay.Purchase{
		Amount: swedbankpay.SEK(1500), Description: "order 4711",
		PayeeID: "5cabf558-5283-482f-b252-4d58e06f6f3b", PayeeReference: "order4711",
		UserAgent: "Mozilla/5.0", Language: "sv-SE",
		URLs: psp.UrlsRequest{CompleteURL: "https://shop.example/done", CallbackURL: shop.URL},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	_ = sandbox.Pay(ctx, payment.Payment.ID) // the payer
	_ = sandbox.Advance(ctx, 0)              // until the callback was answered
	shop.Close()
	_ = callbacks.Close(ctx)

	var count, paid int64
	err = db.QueryRowContext(ctx, `SELECT count(*), sum(paid) FROM orders`).Scan(&count, &paid)
	fmt.Println(count, "order,", swedbankpay.SEK(paid), err)
	// Output: 1 order, 15.00 SEK <nil>
}
