// Package openapi holds the contract: one hand-written OpenAPI 3.0.3 document
// for each API, and the shared vocabulary of the Swedbank Pay ones.
//
// The documents are the source of everything else in this module: the types,
// clients and server interfaces in gen are made from them, the sandbox
// refuses what they refuse, and the judge holds traffic against them. Every
// schema says where its facts stand (x-source), and what nothing documents is
// marked with the reason for the choice (x-assumed).
//
// This package imports nothing, so embedding the documents costs a program
// only their bytes. Programs that use the clients alone do not link it.
package openapi

import "embed"

// FS holds the documents under the names they have in the repository:
// resurs/merchant.yaml, resurs/widget.yaml, swedbankpay/psp.yaml (shared
// vocabulary, no paths) and one document for each Swedbank Pay instrument.
//
//go:embed resurs/*.yaml swedbankpay/*.yaml
var FS embed.FS

// SecondDoor holds kassa/door.yaml, the management API of our own sandbox. It
// is no part of the contract with the vendors, so it stands apart from FS: no
// recording is judged by it, and it needs no evidence.
//
//go:embed kassa/*.yaml
var SecondDoor embed.FS
