package reaction

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Kind is one kind of reaction in a tenant's palette.
type Kind struct {
	// N numbers the kind within its tenant, for ever; storages and events know it by that.
	N int64
	// Name is what callers know it by: letters, digits and _ + -, at most [MaxName] bytes.
	Name string
	// JA and EN label it.
	JA, EN string
	// Emoji shows it, or Image does, where it is a stamp.
	Emoji string
	Image *Image
	// Score says whether it speaks well of what it is on.
	Score Score
	// Spaces are those in which it may be used; empty is everywhere.
	Spaces []engawa.ID
	// Place orders the palette, from 1.
	Place int
	// Imported kinds came with reactions from elsewhere: they are shown and cannot be chosen.
	Imported bool
	// Retired is set for a kind that cannot be chosen any more; what was given stays.
	Retired *Mark
}

// Mark is who did something, and when.
type Mark struct {
	By engawa.PersonID
	At time.Time
}

// Image is where a stamp's picture is kept.
type Image struct {
	// Ref is what the host opens it by: an id or a URL.
	Ref string `json:"ref" validate:"required,line=500"`
	// MediaType is one that browsers show and that runs no script.
	MediaType string `json:"media_type" validate:"required,oneof=image/png image/gif image/webp image/jpeg"`
	// Bytes is the size, at most 256 KiB; Width and Height are in pixels, at most 512.
	Bytes  int64 `json:"bytes" validate:"gte=1,lte=262144"`
	Width  int   `json:"width" validate:"gte=1,lte=512"`
	Height int   `json:"height" validate:"gte=1,lte=512"`
}

// Score is how a kind counts where something is ranked.
type Score string

// The score classes. Negative kinds never score: they are seen and lower nothing.
const (
	Positive Score = "positive"
	Neutral  Score = ""
	Negative Score = "negative"
)

// Points is what one reaction of the class adds to a score: 1 for positive ones, and 0 for all others.
func (s Score) Points() int {
	if s == Positive {
		return 1
	}
	return 0
}

// The most that a palette holds.
const (
	MaxName  = 64  // bytes of a name
	MaxKinds = 500 // of a tenant, retired ones and those from elsewhere included
)

// DefaultPalette is what a tenant has until it changes something.
func DefaultPalette() []Kind {
	palette := []Kind{
		{Name: "like", JA: "いいね", EN: "Like", Emoji: "👍", Score: Positive},
		{Name: "ryokai", JA: "了解", EN: "Got it", Emoji: "🙆"},
		{Name: "arigato", JA: "ありがとう", EN: "Thank you", Emoji: "🙏", Score: Positive},
		{Name: "otsukaresama", JA: "お疲れさま", EN: "Well done today", Emoji: "🍵", Score: Positive},
		{Name: "omedeto", JA: "おめでとう", EN: "Congratulations", Emoji: "🎉", Score: Positive},
		{Name: "kakunin", JA: "確認しました", EN: "I have read it", Emoji: "✅"},
		{Name: "tasukarimashita", JA: "助かりました", EN: "That helped", Emoji: "🛟", Score: Positive},
		{Name: "naruhodo", JA: "なるほど", EN: "I see", Emoji: "💡", Score: Positive},
		{Name: "sugoi", JA: "すごい", EN: "Impressive", Emoji: "✨", Score: Positive},
		{Name: "ganbatte", JA: "応援しています", EN: "Rooting for you", Emoji: "📣", Score: Positive},
		{Name: "taiou", JA: "対応します", EN: "On it", Emoji: "🏃"},
		{Name: "kininaru", JA: "気になる", EN: "Looking into it", Emoji: "👀"},
	}
	for i := range palette {
		palette[i].N, palette[i].Place = int64(i+1), i+1
	}
	return palette
}

// NewKind is a kind to be put into the palette.
type NewKind struct {
	// Name is new, or that of a kind which is changed; a retired one comes back.
	Name string `validate:"required,line=64"`
	// JA and EN default to each other, then to the name.
	JA string `validate:"line=60"`
	EN string `validate:"line=60"`
	// One of Emoji and Image is there.
	Emoji  string `validate:"line=64"`
	Image  *Image
	Score  Score       `validate:"omitempty,oneof=positive negative"`
	Spaces []engawa.ID `validate:"max=100"`
}

// checkName refuses what is no name of a kind. Letters are those of any script.
func checkName(name string) error {
	if err := engawa.CheckText("Name", name, engawa.Line(MaxName)); err != nil {
		return err
	}
	wrong := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("_+-", r) || unicode.IsUpper(r)
	}
	if name == "" || strings.ContainsFunc(name, wrong) {
		return invalid("Name", msgName)
	}
	return nil
}

// Palette is the tenant's palette in its order, with what is retired and what came from elsewhere: a chooser leaves
// those out, see [Kind.Open].
func (s *Service) Palette(ctx context.Context, by engawa.Actor) (kinds []Kind, err error) {
	ctx, o, err := s.begin(ctx, "reaction.Palette", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	kinds, err = s.store.Kinds(ctx, by.Tenant)
	if err == nil && len(kinds) == 0 {
		kinds = DefaultPalette()
	}
	return inPlace(kinds), err
}

// Open reports whether the kind may be chosen in a space.
func (k Kind) Open(space engawa.ID) bool {
	return k.Retired == nil && !k.Imported && (len(k.Spaces) == 0 || slices.Contains(k.Spaces, space))
}

func inPlace(kinds []Kind) []Kind {
	slices.SortFunc(kinds, func(a, b Kind) int { return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.N, b.N)) })
	return kinds
}

// PutKind adds a kind, such as a stamp of the company's own, or changes one. Only stewards may.
func (s *Service) PutKind(ctx context.Context, by engawa.Actor, in NewKind) (kind Kind, err error) {
	ctx, o, err := s.begin(ctx, "reaction.PutKind", by, stewards)
	defer o.done(&err)
	if err != nil {
		return Kind{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Kind{}, err
	}
	if err := checkName(in.Name); err != nil {
		return Kind{}, err
	}
	if (in.Emoji == "") == (in.Image == nil) {
		return Kind{}, invalid("Emoji", msgEmojiOrImage)
	}
	err = s.edit(ctx, by, func(kinds []Kind) ([]Kind, int64, error) {
		kind = Kind{
			Name: in.Name, JA: cmp.Or(in.JA, in.EN, in.Name), EN: cmp.Or(in.EN, in.JA, in.Name), Emoji: in.Emoji, Image: in.Image,
			Score: in.Score, Spaces: in.Spaces, N: 1, Place: len(kinds) + 1,
		}
		for _, k := range kinds {
			kind.N = max(kind.N, k.N+1)
		}
		if i := named(kinds, in.Name); i >= 0 {
			kind.N, kind.Place = kinds[i].N, kinds[i].Place
		} else if len(kinds) >= MaxKinds {
			return nil, 0, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyKinds.With(MaxKinds)}
		}
		return []Kind{kind}, kind.N, nil
	})
	if err != nil {
		return Kind{}, err
	}
	return kind, nil
}

// RetireKind takes a kind out of the chooser. What was given stays and is shown. Only stewards may.
func (s *Service) RetireKind(ctx context.Context, by engawa.Actor, name string) (err error) {
	ctx, o, err := s.begin(ctx, "reaction.RetireKind", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.edit(ctx, by, func(kinds []Kind) ([]Kind, int64, error) {
		i := named(kinds, name)
		if i < 0 {
			return nil, 0, unknown(name, kinds)
		}
		if kinds[i].Retired != nil {
			return nil, 0, nil
		}
		kinds[i].Retired = &Mark{By: by.Person, At: s.now()}
		return kinds[i : i+1], kinds[i].N, nil
	})
}

// OrderKinds puts the named kinds first, in the given order; the others follow as they stood. Only stewards may.
func (s *Service) OrderKinds(ctx context.Context, by engawa.Actor, names ...string) (err error) {
	ctx, o, err := s.begin(ctx, "reaction.OrderKinds", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.edit(ctx, by, func(kinds []Kind) ([]Kind, int64, error) {
		for _, name := range names {
			if named(kinds, name) < 0 {
				return nil, 0, unknown(name, kinds)
			}
		}
		rank := func(k Kind) int {
			if i := slices.Index(names, k.Name); i >= 0 {
				return i
			}
			return len(names)
		}
		slices.SortStableFunc(kinds, func(a, b Kind) int { return cmp.Compare(rank(a), rank(b)) })
		for i := range kinds {
			kinds[i].Place = i + 1
		}
		return kinds, 0, nil
	})
}

// edit changes a palette, which is the default one until then, and tells of it.
func (s *Service) edit(ctx context.Context, by engawa.Actor, change func([]Kind) (changed []Kind, n int64, err error)) error {
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		kinds, err := s.palette(ctx, st, by.Tenant)
		if err != nil {
			return err
		}
		changed, n, err := change(inPlace(kinds))
		if err != nil || len(changed) == 0 {
			return err
		}
		if err := st.PutKinds(ctx, by.Tenant, changed...); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.PaletteChanged, tenantRef, s.now()).With(event.Stamp{Kind: n}))
	})
}

// palette is the tenant's palette, locked; a tenant without one gets the default.
func (s *Service) palette(ctx context.Context, st Store, tenant engawa.TenantID) ([]Kind, error) {
	kinds, err := st.LockKinds(ctx, tenant)
	if err == nil && len(kinds) == 0 {
		kinds = DefaultPalette()
		err = st.PutKinds(ctx, tenant, kinds...)
	}
	return kinds, err
}

// kind is one kind by its name; a tenant without a palette gets the default.
func (s *Service) kind(ctx context.Context, tenant engawa.TenantID, name string) (Kind, error) {
	if err := engawa.CheckText("kind", name, engawa.Line(MaxName)); err != nil {
		return Kind{}, err
	}
	if k, found, err := s.store.KindNamed(ctx, tenant, name); err != nil || found {
		return k, err
	}
	var kinds []Kind
	err := s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		var err error
		kinds, err = s.palette(ctx, st, tenant)
		return err
	})
	if err != nil {
		return Kind{}, err
	}
	if i := named(kinds, name); i >= 0 {
		return kinds[i], nil
	}
	return Kind{}, unknown(name, kinds)
}

func named(kinds []Kind, name string) int {
	return slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
}

// unknown is the error of a name that the palette has not: of another tenant's stamp too. It says what there is.
func unknown(name string, kinds []Kind) error {
	var open []string
	for _, k := range inPlace(kinds) {
		if k.Retired == nil && !k.Imported && len(open) < 12 {
			open = append(open, k.Name)
		}
	}
	return invalid("kind", msgUnknownKind.With(strconv.Quote(name), strings.Join(open, ", ")))
}
