package calendar

// Holiday is a public holiday (祝日): its name in its own language, and in English.
type Holiday struct {
	Name    string `json:"name"`
	English string `json:"english,omitzero"`
}

// Holidays knows the public holidays of one country or region. Package calendar/jp has those of Japan.
//
// Holiday returns the holiday on d; ok is false on an ordinary day. It must give the same answer every time and be safe
// for concurrent use, and it should be quick: a search asks it once for each day.
type Holidays interface {
	Holiday(d Date) (h Holiday, ok bool)
}

// Table is a list of holidays by date, such as a host reads from a file.
type Table map[Date]Holiday

var _ Holidays = Table(nil)

// Holiday implements [Holidays].
func (t Table) Holiday(d Date) (Holiday, bool) {
	h, ok := t[d]
	return h, ok && h != Holiday{}
}

// Amend returns base with changes laid over it, for the years in which the law moves faster than a library. A change to
// the zero Holiday makes the day an ordinary one. Don't modify changes afterwards.
func Amend(base Holidays, changes Table) Holidays {
	return amended{base, changes}
}

type amended struct {
	base    Holidays
	changes Table
}

func (a amended) Holiday(d Date) (Holiday, bool) {
	if _, changed := a.changes[d]; changed {
		return a.changes.Holiday(d)
	}
	return a.base.Holiday(d)
}
