package server

import "strings"

// trustlyLinks lead the payer of a sale to the bank.
func trustlyLinks(p payment, t transaction) []operation {
	if t.state != awaitingActivity {
		return nil
	}
	query := "?SessionID=" + p.token + "&OrderID=" + t.id + "&Locale=" + strings.ReplaceAll(p.order.language, "-", "_")
	return []operation{{"GET", "/_/orderclient.php" + query, "redirect-trustly", "text/html"}}
}
