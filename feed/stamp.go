package feed

// StampDetails are a post that is a stamp (スタンプ) and needs no words: the lowest threshold there is.
type StampDetails struct {
	bare
	// Stamp is the name of a reaction or stamp as the host shows it, such as "otsukaresama".
	Stamp string `json:"stamp" validate:"required,line=128"`
}

// Kind implements [Details].
func (*StampDetails) Kind() Kind { return Stamp }

func (d *StampDetails) texts() []string { return []string{d.Stamp} }
