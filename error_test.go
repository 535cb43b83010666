package engawa_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
)

func TestErrorSaysWhatAndWhere(t *testing.T) {
	closed := engawa.Message{Code: "space.closed", EN: "closed to posts: ask its host (%s)", JA: "投稿を受け付けていません。世話役(%s)に相談してください"}
	err := error(&engawa.Error{Kind: engawa.Denied, Subject: `space "sales"`, Message: closed.With("佐藤")})
	err = engawa.Wrap("feed.Publish", err)
	if want := `feed.Publish: space "sales": closed to posts: ask its host (佐藤)`; err.Error() != want {
		t.Errorf("%s", err)
	}
	if want := `feed.Publish: space "sales": 投稿を受け付けていません。世話役(佐藤)に相談してください`; engawa.In(engawa.Japanese, err) != want {
		t.Errorf("%s", engawa.In(engawa.Japanese, err))
	}
	if !errors.Is(err, engawa.Denied) || errors.Is(err, engawa.NotFound) || engawa.KindOf(fmt.Errorf("outside: %w", err)) != engawa.Denied {
		t.Error("the kind is lost")
	}
	if again := engawa.Wrap("sns.Home", err); again != err {
		t.Error("the first operation is the one that counts")
	}
	if engawa.Wrap("x", nil) != nil {
		t.Error("nil became an error")
	}
	if e := engawa.Wrap("x.Y", io.EOF); !errors.Is(e, io.EOF) || engawa.KindOf(e) != engawa.Internal || e.Error() != "x.Y: internal error: EOF" {
		t.Errorf("%v", e)
	}
	if engawa.KindOf(context.DeadlineExceeded) != engawa.Unavailable {
		t.Error("a deadline is Unavailable")
	}
}

func TestCheckText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		rule       engawa.TextRule
		want       engawa.Kind
	}{
		{"NUL", "a\x00b", engawa.Lines(10), engawa.Invalid},
		{"bell", "a\ab", engawa.Lines(10), engawa.Invalid},
		{"delete", "a\x7fb", engawa.Lines(10), engawa.Invalid},
		{"not UTF-8", "a\xff", engawa.Lines(10), engawa.Invalid},
		{"a surrogate", "a\xed\xa0\x80", engawa.Lines(10), engawa.Invalid},
		{"a line feed in a line", "a\nb", engawa.Line(10), engawa.Invalid},
		{"too long", strings.Repeat("あ", 4), engawa.Line(11), engawa.TooLarge},
	} {
		if err := engawa.CheckText("f", c.text, c.rule); engawa.KindOf(err) != c.want || err == nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, ok := range []string{"", "家族👨‍👩‍👧", "a\r\n\tb", strings.Repeat("x", 100)} {
		if err := engawa.CheckText("f", ok, engawa.Lines(100)); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
}

func TestCheckTime(t *testing.T) {
	for _, bad := range []time.Time{{}, time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2248, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if err := engawa.CheckTime("at", bad); engawa.KindOf(err) != engawa.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := engawa.CheckTime("at", time.Now()); err != nil {
		t.Error(err)
	}
}

func TestRef(t *testing.T) {
	r := engawa.RefTo(engawa.KindPost, 42)
	back, err := engawa.ParseRef(r.String())
	if id, own := back.OwnID(); err != nil || back != r || id != 42 || !own {
		t.Errorf("%v %v", back, err)
	}
	if _, own := (engawa.Ref{Kind: "workflow", ID: "42"}).OwnID(); own {
		t.Error("an object of the host's has no id of ours")
	}
	for _, bad := range []string{"", "post", ":x", "post:", "post:" + strings.Repeat("x", 200)} {
		if _, err := engawa.ParseRef(bad); err == nil {
			t.Errorf("%q was read as a ref", bad)
		}
	}
	if r, err := engawa.ParseRef("a:b:c"); err != nil || r.ID != "b:c" {
		t.Errorf("%v %v", r, err)
	}
}

func TestActor(t *testing.T) {
	for _, bad := range []engawa.Actor{{}, {Tenant: "t"}, {Person: "p"}, {Tenant: "t\x00", Person: "p"}, {Tenant: "t", Person: "p", Roles: []engawa.Role{""}}} {
		if err := bad.Check(); engawa.KindOf(err) != engawa.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if err := engawa.System("t").Check(); err != nil || !engawa.System("t").IsSystem() {
		t.Error(err)
	}
	if (engawa.Actor{Tenant: "t", Person: "p"}).IsSystem() {
		t.Error("a person is not the system")
	}
}
