package swedbankpay_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/client/swedbankpay/internal/inboxtest"
)

func TestInboxInMemory(t *testing.T) {
	inboxtest.Run(t, func(*testing.T) swedbankpay.Inbox { return swedbankpay.NewInbox() })
	assert.False(t, swedbankpay.NewInbox().Durable())
}

// TestInboxForgets: of handled events the last 10,000 are known, whatever comes twice.
func TestInboxForgets(t *testing.T) {
	inbox := swedbankpay.NewInbox()
	c := swedbankpay.Callback{Payment: "/psp/p"}
	known := func(n int) bool {
		ok, err := inbox.Handled(t.Context(), fmt.Sprint(n))
		require.NoError(t, err)
		return ok
	}
	for n := range 25_000 {
		claim, err := inbox.Claim(t.Context(), c, "me", time.Time{}, time.Time{})
		require.NoError(t, err)
		require.NoError(t, inbox.Done(t.Context(), claim, fmt.Sprint(n)))
		require.NoError(t, inbox.Done(t.Context(), claim, fmt.Sprint(max(n-5, 0))))
	}
	assert.False(t, known(14_999))
	assert.True(t, known(15_000))
	assert.True(t, known(24_999))
}
