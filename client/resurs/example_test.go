package resurs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/resurs"
)

// backend plays Resurs: the token endpoint and the widget service.
func backend(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/oauth2/token":
		fmt.Fprint(w, `{"access_token":"a.b.c","token_type":"Bearer","expires_in":3600}`)
	case "/session":
		var body struct{ StoreID string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if len(body.StoreID) != 36 {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"title":"Validation Failed","errors":[{"pointer":"#/storeId","detail":"must be a UUID"}]}`)
			return
		}
		fmt.Fprint(w, `{"data":{"token":"rpmw_3jZ8k9Xy7Vb2N5mQ1rT6W","expiresAt":"2125-10-04T10:30:00Z"}}`)
	case "/payment-methods/types":
		fmt.Fprint(w, `{"types":{"6ba7b810-9dad-11d1-80b4-00c04fd430c8":"RESURS_INVOICE"}}`)
	}
}

func Example() {
	server := httptest.NewServer(http.HandlerFunc(backend))
	defer server.Close()
	ctx := context.Background()

	source := resurs.Credentials("id", "secret", client.WithBaseURL(server.URL))
	widget := resurs.New(source, client.WithBaseURL(server.URL))

	shopper := resurs.Shopper{StoreID: "550e8400-e29b-41d4-a716-446655440000", ShopperID: "cookie-1"}
	session, err := widget.CreateSession(ctx, shopper)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("for the browser:", session.Token)
	fmt.Println("for the log:", session)

	types, err := widget.PaymentMethodTypes(ctx, shopper.StoreID, resurs.B2C, "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
	fmt.Println(types, err)
	// Output:
	// for the browser: rpmw_3jZ8k9Xy7Vb2N5mQ1rT6W
	// for the log: widget session until 2125-10-04T10:30:00Z
	// map[6ba7b810-9dad-11d1-80b4-00c04fd430c8:RESURS_INVOICE] <nil>
}

func ExampleClient_CreateSession_refused() {
	server := httptest.NewServer(http.HandlerFunc(backend))
	defer server.Close()

	widget := resurs.New(client.StaticToken("a.b.c"), client.WithBaseURL(server.URL))
	_, err := widget.CreateSession(context.Background(), resurs.Shopper{StoreID: "shop", ShopperID: "cookie-1"})
	var problem *client.Problem
	if errors.As(err, &problem) {
		fmt.Println(problem.Status, problem.Fields[0].Pointer, problem.Fields[0].Detail)
	}
	// Output:
	// 422 #/storeId must be a UUID
}
