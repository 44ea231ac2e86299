package openapi

// Each document becomes one package, its types, client and server in files of their own. The mapping of psp.yaml
// stands on each line and not in the configuration, because psp.yaml itself must not have it.

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package merchant -generate types -o ../gen/resurs/merchant/types.gen.go resurs/merchant.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package merchant -generate client -o ../gen/resurs/merchant/client.gen.go resurs/merchant.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package merchant -generate std-http,strict-server -o ../gen/resurs/merchant/server.gen.go resurs/merchant.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package widget -generate types -o ../gen/resurs/widget/types.gen.go resurs/widget.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package widget -generate client -o ../gen/resurs/widget/client.gen.go resurs/widget.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package widget -generate std-http,strict-server -o ../gen/resurs/widget/server.gen.go resurs/widget.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package psp -generate types -o ../gen/swedbankpay/psp/types.gen.go swedbankpay/psp.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package creditcard -generate types -o ../gen/swedbankpay/creditcard/types.gen.go swedbankpay/creditcard.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package creditcard -generate client -o ../gen/swedbankpay/creditcard/client.gen.go swedbankpay/creditcard.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package creditcard -generate std-http,strict-server -o ../gen/swedbankpay/creditcard/server.gen.go swedbankpay/creditcard.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package trustly -generate types -o ../gen/swedbankpay/trustly/types.gen.go swedbankpay/trustly.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package trustly -generate client -o ../gen/swedbankpay/trustly/client.gen.go swedbankpay/trustly.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package trustly -generate std-http,strict-server -o ../gen/swedbankpay/trustly/server.gen.go swedbankpay/trustly.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package invoice -generate types -o ../gen/swedbankpay/invoice/types.gen.go swedbankpay/invoice.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package invoice -generate client -o ../gen/swedbankpay/invoice/client.gen.go swedbankpay/invoice.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package invoice -generate std-http,strict-server -o ../gen/swedbankpay/invoice/server.gen.go swedbankpay/invoice.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package mobilepay -generate types -o ../gen/swedbankpay/mobilepay/types.gen.go swedbankpay/mobilepay.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package mobilepay -generate client -o ../gen/swedbankpay/mobilepay/client.gen.go swedbankpay/mobilepay.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package mobilepay -generate std-http,strict-server -o ../gen/swedbankpay/mobilepay/server.gen.go swedbankpay/mobilepay.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package swish -generate types -o ../gen/swedbankpay/swish/types.gen.go swedbankpay/swish.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package swish -generate client -o ../gen/swedbankpay/swish/client.gen.go swedbankpay/swish.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package swish -generate std-http,strict-server -o ../gen/swedbankpay/swish/server.gen.go swedbankpay/swish.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package vipps -generate types -o ../gen/swedbankpay/vipps/types.gen.go swedbankpay/vipps.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package vipps -generate client -o ../gen/swedbankpay/vipps/client.gen.go swedbankpay/vipps.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -import-mapping "psp.yaml:psp github.com/kassa-dev/kassa/gen/swedbankpay/psp" -package vipps -generate std-http,strict-server -o ../gen/swedbankpay/vipps/server.gen.go swedbankpay/vipps.yaml

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package door -generate types -o ../gen/kassa/door/types.gen.go kassa/door.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package door -generate client -o ../gen/kassa/door/client.gen.go kassa/door.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config oapi-codegen.yaml -package door -generate std-http,strict-server -o ../gen/kassa/door/server.gen.go kassa/door.yaml

// The known values of open vocabularies, as constants beside the types.

//go:generate go run ../internal/vocabulary -package merchant -o ../gen/resurs/merchant/vocabulary.gen.go resurs/merchant.yaml
//go:generate go run ../internal/vocabulary -package widget -o ../gen/resurs/widget/vocabulary.gen.go resurs/widget.yaml
//go:generate go run ../internal/vocabulary -package psp -o ../gen/swedbankpay/psp/vocabulary.gen.go swedbankpay/psp.yaml
//go:generate go run ../internal/vocabulary -package creditcard -o ../gen/swedbankpay/creditcard/vocabulary.gen.go swedbankpay/creditcard.yaml
//go:generate go run ../internal/vocabulary -package invoice -o ../gen/swedbankpay/invoice/vocabulary.gen.go swedbankpay/invoice.yaml
//go:generate go run ../internal/vocabulary -package swish -o ../gen/swedbankpay/swish/vocabulary.gen.go swedbankpay/swish.yaml
//go:generate go run ../internal/vocabulary -package vipps -o ../gen/swedbankpay/vipps/vocabulary.gen.go swedbankpay/vipps.yaml
//go:generate go run ../internal/vocabulary -package trustly -o ../gen/swedbankpay/trustly/vocabulary.gen.go swedbankpay/trustly.yaml
//go:generate go run ../internal/vocabulary -package mobilepay -o ../gen/swedbankpay/mobilepay/vocabulary.gen.go swedbankpay/mobilepay.yaml
//go:generate go run ../internal/vocabulary -package door -o ../gen/kassa/door/vocabulary.gen.go kassa/door.yaml
