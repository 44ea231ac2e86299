package server

import (
	"strings"

	"github.com/kassa-dev/kassa/internal/contract"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// itemOf is what Swedbank Pay says about one thing that is wrong with a request. Two of its sentences were seen live, and
// they are said in those words: a pattern that is not met, and a token that is no GUID. The latter is found by the
// vendor's JSON reader, which names the member as the request spells it.
func itemOf(v contract.Violation) refuse.Item {
	name := pascalPath(v.Pointer)
	switch pattern, isPattern := strings.CutPrefix(v.Message, contract.WantsPattern); {
	case isPattern && strings.HasPrefix(v.Pointer, "/"):
		field := name[strings.LastIndexByte(name, '.')+1:]
		return refuse.Item{Name: name, Description: "The field " + field + " must match the regular expression '" + pattern + "'"}
	case v.Message == contract.WantsFormat+"uuid":
		name = strings.ReplaceAll(strings.TrimPrefix(v.Pointer, "/"), "/", ".")
		return refuse.Item{Name: name, Description: "Error converting the value to type 'System.Guid'. Path '" + name + "'."}
	}
	return refuse.Item{Name: name, Description: sentence(v.Message)}
}
