package swedbankpay

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/wire"
	"github.com/kassa-dev/kassa/gen/swedbankpay/psp"
)

// storedToken is one plain segment of a path, and no dot segment.
var storedToken = regexp.MustCompile(`^[A-Za-z0-9_~-][A-Za-z0-9_~.-]{0,199}$`)

// deleteToken sends the request build makes and wants to hear that the token is
// gone.
func (c *Client) deleteToken(ctx context.Context, token, comment string, build func(server string, body psp.DeleteTokenRequest) (*http.Request, error)) error {
	if err := c.conn.Err(); err != nil {
		return err
	}
	if !storedToken.MatchString(token) {
		return &client.InputError{Field: "token", Reason: "want a stored token as it was given: letters, digits and dashes"}
	}
	if comment == "" {
		return &client.InputError{Field: "comment", Reason: "want a word on why the token is deleted"}
	}
	req, err := build(c.conn.Server(), psp.DeleteTokenRequest{State: psp.DeleteTokenRequestStateDeleted, Comment: comment})
	if err != nil {
		return &client.InputError{Field: "token", Reason: "want a stored token as it was given: letters, digits and dashes"}
	}
	// The server may show it in lower case, as it does with everything in a path.
	answer, err := c.conn.Do(wire.Hide(ctx, token, strings.ToLower(token)), req)
	if err != nil {
		return err
	}
	var body psp.InstrumentDataResponse
	if err := answer.Decode(&body); err != nil {
		return err
	}
	if !body.InstrumentData.IsDeleted {
		return answer.Unreadable(errors.New("instrumentData.isDeleted is not true"))
	}
	return nil
}
