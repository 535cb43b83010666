package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/engawa-sns/engawa/sns"
)

// progress tells people how far an import is.
type progress interface {
	show(sns.ImportReport)
	end()
}

// newProgress moves on a terminal, and writes plain lines where nobody watches.
func newProgress(w io.Writer) progress {
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return newSpinner(w)
	}
	return &plain{w: w, now: time.Now, last: time.Now()}
}

func count(r sns.ImportReport) int {
	return r.People + r.Spaces + r.Posts + r.Comments + r.Reactions + r.Already
}

func text(r sns.ImportReport) string {
	return fmt.Sprintf("%d people, %d spaces, %d posts, %d comments, %d already there", r.People, r.Spaces, r.Posts, r.Comments, r.Already)
}

// spinner shows how many things were read, and how many a second. An export does not tell how many there will be.
type spinner struct{ bar *progressbar.ProgressBar }

func newSpinner(w io.Writer) *spinner {
	return &spinner{progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("things"), progressbar.OptionSpinnerType(14), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription("importing"))}
}

func (s *spinner) show(r sns.ImportReport) {
	s.bar.Describe(text(r))
	_ = s.bar.Set(count(r)) // a terminal that cannot be written to does not stop an import
}

func (s *spinner) end() { _ = s.bar.Finish() }

// plain writes a line a second at most.
type plain struct {
	w    io.Writer
	now  func() time.Time
	last time.Time
}

func (p *plain) show(r sns.ImportReport) {
	if now := p.now(); now.Sub(p.last) >= time.Second {
		p.last = now
		fmt.Fprintln(p.w, text(r))
	}
}

func (*plain) end() {}
