package server

import (
	"context"
	"net/http"
	"strings"
)

// A choice is which namespaces a request of the second door is about.
type choice struct {
	name  string // empty: all of them
	token bool   // named by a merchant's token, which may not have asked for anything yet
}

type choiceKey struct{}

func choiceOf(ctx context.Context) choice {
	c, _ := ctx.Value(choiceKey{}).(choice)
	return c
}

// choose finds out whose namespace is meant: the one named in the query, else the one that the Authorization header leads
// to, which may hold the token of a Swedbank Pay merchant or an access token of Resurs. A header that leads nowhere is
// refused, for it does not mean all of them.
func (d *secondDoor) choose(r *http.Request) (choice, error) {
	switch names := r.URL.Query()["namespace"]; len(names) {
	case 0:
	case 1:
		return choice{name: names[0]}, nil
	default:
		return choice{}, badRequest("query/namespace: the parameter stands more than once.", "Name one namespace.")
	}
	header := strings.TrimSpace(r.Header.Get("Authorization"))
	if header == "" {
		return choice{}, nil
	}
	scheme, token, _ := strings.Cut(header, " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return choice{}, badRequest("header/Authorization: the header holds no bearer token.", remedies["request.auth.scheme"])
	}
	if c, ok := d.server.resurs.claim(token); ok {
		return choice{c.Namespace, true}, nil
	}
	return choice{d.server.namespaceOf(token), true}, nil
}

// chosen is the namespace that a request is about; nil for all. What is due in it by now has happened.
func (d *secondDoor) chosen(ctx context.Context) (*world, error) {
	c := choiceOf(ctx)
	switch {
	case c.name == "":
		return nil, nil
	case c.token:
		w := d.server.world(c.name)
		w.agenda.catchUp()
		return w, nil
	}
	w, ok := d.server.known(c.name)
	if !ok {
		return nil, noNamespace(c.name)
	}
	w.agenda.catchUp()
	return w, nil
}

func noNamespace(name string) error {
	return unknown("namespace", "There is no namespace "+word(name)+".", "GET /namespaces lists them.")
}

// worlds are the namespaces that a request is about, by name.
func (d *secondDoor) worlds(ctx context.Context) ([]*world, error) {
	w, err := d.chosen(ctx)
	switch {
	case err != nil:
		return nil, err
	case w != nil:
		return []*world{w}, nil
	}
	all := d.server.all()
	for _, w := range all {
		w.agenda.catchUp()
	}
	return all, nil
}

// find is the payment that a key names, in the namespaces that a request is about.
func (d *secondDoor) find(ctx context.Context, key string) (*world, payment, error) {
	worlds, err := d.worlds(ctx)
	if err != nil {
		return nil, payment{}, err
	}
	for _, w := range worlds {
		if p, err := w.book.payer(key); err == nil {
			return w, p, nil
		}
	}
	where := "No namespace has"
	if name := choiceOf(ctx).name; name != "" {
		where = "The namespace " + word(name) + " does not have"
	}
	return nil, payment{}, unknown("payment", where+" a payment "+word(key)+".", "GET /payments lists them.")
}
