package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/kassa-dev/kassa/server"
)

// A sandbox needs no port: its client reaches it whatever the host.
func Example() {
	sandbox, err := server.New()
	if err != nil {
		panic(err)
	}
	defer sandbox.Close()

	resp, err := sandbox.Client().Post("https://merchant-api.integration.resurs.com/oauth2/token", "application/json",
		strings.NewReader(`{"grant_type":"client_credentials","scope":"merchant-api","client_id":"me","client_secret":"mine"}`))
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode)
	// Output: 200
}

// The payer is played by the test.
func ExampleServer_Pay() {
	sandbox, err := server.New(server.WithSeed(1))
	if err != nil {
		panic(err)
	}
	defer sandbox.Close()
	ask := func(method, path, body string) string {
		req, err := http.NewRequest(method, "http://sandbox"+path, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		req.Header.Set("Authorization", "Bearer any")
		req.Header.Set("Content-Type", "application/json")
		resp, err := sandbox.Client().Do(req)
		if err != nil {
			panic(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			panic(err)
		}
		return string(text)
	}

	created := ask("POST", "/psp/creditcard/payments", cardPurchase)
	id := strings.Split(created, `"`)[5]
	if err := sandbox.Pay(context.Background(), id); err != nil {
		panic(err)
	}
	fmt.Println(strings.Contains(ask("GET", id, ""), `"remainingCaptureAmount":10000`))
	fmt.Println(sandbox.Pay(context.Background(), id))
	// Output:
	// true
	// Operation not allowed; Authorization: The payment is already paid.
}
