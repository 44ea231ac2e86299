package pages

import "strings"

// fieldOrder is the order in which faults are listed, which is that of the pages.
var fieldOrder = []string{"card", "number", "expiry", "cvc", "msisdn", "person", "ssn", "zip", "bank", "firstName", "lastName", "reason"}

// A field is one input with its label and what is said of it.
type field struct {
	Name, Label, Hint, Fault, Value string
	Mode                            string // inputmode
	Short                           bool
}

// Describes are the ids of what is said of the field.
func (f field) Describes() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.Name+"-fault")
	}
	return strings.Join(ids, " ")
}

// Field is the input called name, with the words for it. A CVC is never shown again.
func (v checkoutView) Field(name string) (field, error) {
	f := field{Name: name, Value: map[string]string{
		"number": v.Given.Number, "expiry": v.Given.Expiry, "msisdn": v.Given.MSISDN, "ssn": v.Given.SSN, "zip": v.Given.Zip,
		"firstName": v.Given.FirstName, "lastName": v.Given.LastName,
	}[name]}
	switch name {
	case "number", "expiry", "cvc", "zip":
		f.Mode = "numeric"
	case "msisdn":
		f.Mode = "tel"
	default:
		f.Mode = "text"
	}
	f.Short = name == "expiry" || name == "cvc" || name == "zip"
	if v.Given.Person != "" { // a listed person's data is not what was typed
		f.Value = ""
	}
	var err error
	if f.Label, err = v.T("field." + name); err != nil {
		return f, err
	}
	hint := "hint." + name
	if name == "msisdn" {
		hint += "." + string(v.Instrument)
	}
	f.Hint = v.table[hint] // not every field needs one
	f.Fault, err = v.Fault(name)
	return f, err
}

// Fault is what is wrong with a field, or empty.
func (v checkoutView) Fault(name string) (string, error) {
	fault, wrong := v.Faults[name]
	if !wrong {
		return "", nil
	}
	if text, ok := v.table["fault."+name+"."+string(fault)]; ok {
		return text, nil
	}
	label, err := v.T("field." + name)
	if err != nil {
		return "", err
	}
	return v.T("fault.other", label)
}

// A faultLine leads from the list of faults to the field.
type faultLine struct{ ID, Text string }

// FaultLines are the faults in the order of the page. What no field of the page shows is not linked.
func (v checkoutView) FaultLines() ([]faultLine, error) {
	var out []faultLine
	for _, name := range fieldOrder {
		text, err := v.Fault(name)
		if err != nil {
			return nil, err
		}
		if text != "" {
			out = append(out, faultLine{ID: name, Text: text})
		}
	}
	return out, nil
}
