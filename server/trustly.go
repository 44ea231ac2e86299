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

// trustlyDecline is a payer who gives up at the bank. The type is the only one documented for Trustly.
func trustlyDecline(t transaction) *failure {
	f := &failure{reason: "UserCancelled", activity: "Sale", code: "UserCancelled", description: "CANCELED"}
	f.problem = externalProblem("trustly/systemerror", 403, t, f)
	f.problem.Detail = "Unable to complete operation, error calling 3rd party"
	return f
}
