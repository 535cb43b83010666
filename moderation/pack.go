package moderation

import _ "embed"

//go:embed packs/ja.yaml
var packJA []byte

//go:embed packs/en.yaml
var packEN []byte

// DefaultSource returns the default policy as a file to start from, in Japanese for "ja", else in English. Nothing in it hides a post.
func DefaultSource(lang string) (file string, src []byte) {
	if lang == "ja" {
		return "ja.yaml", append([]byte(nil), packJA...)
	}
	return "en.yaml", append([]byte(nil), packEN...)
}

// Default loads the default policy in a language.
func Default(lang string) (*Policy, error) { return Load(DefaultSource(lang)) }
