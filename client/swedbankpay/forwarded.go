package swedbankpay

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/kassa-dev/kassa/client"
)

type payerKey struct{}

// WithPayer tells the API where the payer is: requests made with the context
// carry the header Forwarded (RFC 7239) with the address. It takes an IPv4 or
// IPv6 address with or without a port, as in http.Request.RemoteAddr. Anything
// else is refused by an [*client.InputError] when the context is used, before
// anything is sent. By default no address is sent.
func WithPayer(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, payerKey{}, address)
}

func forward(ctx context.Context, h http.Header) error {
	address, ok := ctx.Value(payerKey{}).(string)
	if !ok {
		h.Del("Forwarded")
		return nil
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		port, portErr := netip.ParseAddrPort(address)
		ip, err = port.Addr(), portErr
	}
	ip = ip.Unmap()
	if err != nil || ip.Zone() != "" || ip.IsUnspecified() || ip.IsMulticast() {
		return &client.InputError{Field: "WithPayer", Reason: "want the IP address of one payer, as in 203.0.113.7 or 2001:db8::7"}
	}
	node := ip.String()
	if ip.Is6() {
		node = `"[` + node + `]"`
	}
	h.Set("Forwarded", "for="+node)
	return nil
}
