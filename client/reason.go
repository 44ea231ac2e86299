package client

import "strings"

// Reason is the last segment of Type in lower case, such as inputerror,
// acquirerinsufficientfunds or validation-failed; "" when there is no Type. In
// a type of Swedbank Pay underscores are left out and canceled is written
// cancelled, so that Vipps's acquirer_card_expired is the acquirercardexpired
// of a card. The vocabulary is open.
func (p *Problem) Reason() string {
	reason := strings.ToLower(p.Type)
	reason, _, _ = strings.Cut(reason, "?")
	reason = strings.TrimRight(reason, "/")
	reason = reason[strings.LastIndexAny(reason, "/#")+1:]
	if _, ours := p.detail(); ours {
		reason = strings.ReplaceAll(reason, "_", "")
		reason = strings.ReplaceAll(reason, "usercanceled", "usercancelled")
	}
	return reason
}

// family is the instrument in a type of Swedbank Pay; "" where it names none.
func (p *Problem) family() string {
	detail, _ := p.detail()
	family, _, found := strings.Cut(detail, "/")
	if !found {
		return ""
	}
	return family
}

// detail is what follows the common part of a type of Swedbank Pay, whose host
// varies with the environment.
func (p *Problem) detail() (string, bool) {
	_, detail, ours := strings.Cut(strings.ToLower(p.Type), "/psp/errordetail/")
	return detail, ours
}

// reasons are the reasons whose kind their status does not tell, or tells in
// some environments only. Where a word is common, the family stands before it.
// The groups are those of Swedbank Pay's documentation of problems.
var reasons = map[string]Kind{
	// OAuth; Resurs answers a wrong secret with 400 or 401.
	"invalid_client": Unauthorized, "unauthorized_client": Forbidden, "invalid_scope": Forbidden,

	"inputerror": Invalid, // a token that does not exist has been seen as 400 and as 404

	// Contract and configuration, with 403 or 500.
	"configurationerror": Forbidden, "configerror": Forbidden,
	"cardbranddisabled": Forbidden, "accountholdertyperejected": Forbidden, "cardtyperejected": Forbidden,
	"3dsecurerequired": Forbidden, "authenticationstatusrejected": Forbidden,

	// The acquirer, the card's bank and risk control.
	"acquirercardblacklisted": Declined, "acquirercardexpired": Declined, "acquirercardstolen": Declined,
	"acquirererror": Declined, "acquirerinsufficientfunds": Declined, "acquirerinvalidamount": Declined,
	"acquirerpossiblefraud": Declined, "carddeclined": Declined, "cardblacklisted": Declined,
	"frauddetected": Declined, "velocitycheck": Declined, "paymenttokenerror": Declined,
	"authenticationrequired": Declined, // without the payer: ask the payer to be there
	"dailylimitexceeded":     Declined, "monthlylimitexceeded": Declined, "acquirererrordonotretry": Declined,
	"vippsdeclined": Declined, "creditnotapproved": Declined,

	// Who the payer is.
	"3dsecuredeclined": Declined, "3dsecureerror": Declined, "invoice/failed": Declined,
	"nationalidentifiermismatch": Declined, "socialsecuritynumbermismatch": Declined, "paymentagelimitnotmet": Declined,
	"swishdeclined": Declined, "swishalreadyinuse": Declined, "bankidalreadyinuse": Declined,

	// The payer.
	"3dsecureusercancelled": Cancelled, "usercancelled": Cancelled, "bankidcancelled": Cancelled, "swishtimeout": Cancelled,
	"abortedidentification": Cancelled, "userpreaborted": Cancelled, "useraborted": Cancelled, "timeoutidentification": Cancelled,

	// Systems behind the API.
	"creditcard/badrequest": ServerFault, "vipps/badrequest": ServerFault, // with 400 or 500; what they were asked by the API, not by us
	"internalservererror": ServerFault, "badgateway": ServerFault, "acquirergatewayerror": ServerFault,
	"3dsecureacquirergatewayerror": ServerFault, "acquirergatewaytimeout": ServerFault, "swishgatewaytimeout": ServerFault,
	"swisherror": ServerFault, "bankiderror": ServerFault, "systemerror": ServerFault, "externalerror": ServerFault,
}
