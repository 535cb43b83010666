package text

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/internal/fold"
)

// A shape is a piece of a pattern compiled to a small program: groups and options stay what they are, so a piece with a hundred
// thousand spellings costs a few hundred instructions. The machine finds how a shape begins; the program decides the rest.
type shape []instruction

type instruction struct {
	op     op
	r      rune
	next   int32 // where opFork goes on if the first way fails
	set    string
	branch *branch
}

// A branch is a group of many alternatives, sorted by how they begin: a group of ninety is left after one look.
type branch struct {
	keys []rune
	ways [][]int32 // by key, in the order of the pattern
	any  []int32   // for every other rune: alternatives that do not begin with a certain one
}

type op uint8

const (
	opRune   op = iota // this rune
	opFork             // the next instruction or, failing that, the one at next
	opJump             // go on at next
	opBranch           // the ways of branch, one after the other
	opIn               // the rune that follows is in set; none is read
	opOut              // the rune that follows is not in set
	opClose            // the sentence ends here
	opDone
)

// maxShape is how many instructions a piece may have.
const maxShape = 8000

// maxSteps bounds the work of one try; a shape that needs more does not match.
const maxSteps = 20000

type shaper struct {
	out    shape
	last   rune // for 々
	folder *fold.Folder
	text   fold.Text
}

func newShape(folder *fold.Folder, src string) (shape, error) {
	s := shaper{folder: folder}
	rest, err := s.group(src, 0)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, fmt.Errorf("%q closes a group that is not open", src)
	}
	s.out = append(s.out, instruction{op: opDone})
	if len(s.out) > maxShape {
		return nil, fmt.Errorf("a piece has more than %d parts: split it", maxShape)
	}
	return s.out, nil
}

// branched returns the shape with a branch in place of each fork that a match can come to. The forks behind it fall out of use.
func (p shape) branched() shape {
	out := slices.Clone(p)
	for pc := range p {
		if p[pc].op != opFork || pc > 0 && p[pc-1].op == opFork || !p.entered(pc) {
			continue
		}
		type way struct {
			r  rune
			pc int32
		}
		var ways []way
		var flat func(pc int32)
		flat = func(pc int32) {
			switch in := &p[pc]; in.op {
			case opFork:
				flat(pc + 1)
				flat(in.next)
			case opJump:
				flat(in.next)
			case opRune:
				ways = append(ways, way{in.r, pc})
			default:
				ways = append(ways, way{0, pc})
			}
		}
		flat(int32(pc))
		b := &branch{}
		for _, w := range ways {
			if w.r != 0 && !slices.Contains(b.keys, w.r) {
				b.keys = append(b.keys, w.r)
			}
		}
		slices.Sort(b.keys)
		b.ways = make([][]int32, len(b.keys))
		for _, w := range ways {
			for i, k := range b.keys {
				if w.r == 0 || w.r == k {
					b.ways[i] = append(b.ways[i], w.pc)
				}
			}
			if w.r == 0 {
				b.any = append(b.any, w.pc)
			}
		}
		out[pc] = instruction{op: opBranch, branch: b}
	}
	return out
}

// entered reports whether a match comes to a fork otherwise than as the next way of another fork.
func (p shape) entered(pc int) bool {
	if pc == 0 || p[pc-1].op != opJump {
		return true
	}
	for _, in := range p {
		if in.op == opJump && int(in.next) == pc {
			return true
		}
	}
	return false
}

// group compiles alternatives up to the parenthesis that closes them.
func (s *shaper) group(src string, depth int) (string, error) {
	if depth > 8 {
		return "", fmt.Errorf("groups are nested more than 8 deep")
	}
	var exits []int32
	start := int32(len(s.out))
	for {
		rest, err := s.sequence(src, depth)
		if err != nil {
			return "", err
		}
		if rest == "" || rest[0] == ')' {
			if rest == "" && depth > 0 {
				return "", fmt.Errorf("a group is not closed: write (a|b)")
			}
			for _, e := range exits {
				s.out[e].next = int32(len(s.out))
			}
			return rest, nil
		}
		if depth == 0 {
			return "", fmt.Errorf("a bar stands outside a group: write (a|b)")
		}
		s.insert(start, instruction{op: opFork, next: int32(len(s.out)) + 2})
		exits = append(exits, int32(len(s.out)))
		s.out = append(s.out, instruction{op: opJump})
		start = int32(len(s.out))
		src = rest[1:]
	}
}

// insert puts an instruction before those from at on, which refer only to places among themselves.
func (s *shaper) insert(at int32, in instruction) {
	for i := at; i < int32(len(s.out)); i++ {
		if o := s.out[i].op; o == opFork || o == opJump {
			s.out[i].next++
		}
	}
	s.out = slices.Insert(s.out, int(at), in)
}

func (s *shaper) sequence(src string, depth int) (string, error) {
	for src != "" {
		if len(s.out) > maxShape {
			return "", fmt.Errorf("a piece has more than %d parts: split it", maxShape)
		}
		r, n := utf8.DecodeRuneInString(src)
		unit := int32(len(s.out))
		switch r {
		case ')', '|':
			return src, nil
		case '(':
			rest, err := s.group(src[n:], depth+1)
			if err != nil {
				return "", err
			}
			src = rest[1:]
		case '$':
			s.out = append(s.out, instruction{op: opClose})
			src = src[n:]
		case '[':
			end := indexByte(src, ']')
			if end < 0 {
				return "", fmt.Errorf("%q opens a guard and does not close it: write [^abc]", src)
			}
			set, o := src[1:end], opIn
			if set != "" && set[0] == '^' {
				set, o = set[1:], opOut
			}
			s.out = append(s.out, instruction{op: o, set: s.fold(set)})
			src = src[end+1:]
		case ']', '<', '>', '^':
			return "", fmt.Errorf("%q may stand at the beginning of a pattern only", r)
		default:
			if r == '々' && s.last != 0 {
				r = s.last
			}
			for _, f := range s.fold(string(r)) {
				s.out = append(s.out, instruction{op: opRune, r: f})
				s.last = f
			}
			src = src[n:]
		}
		if src != "" && src[0] == '?' {
			s.insert(unit, instruction{op: opFork, next: int32(len(s.out)) + 1})
			src = src[1:]
		}
	}
	return "", nil
}

func (s *shaper) fold(text string) string {
	s.folder.Fold(&s.text, text)
	return s.text.String()
}

func indexByte(s string, b byte) int {
	for i := range len(s) {
		if s[i] == b {
			return i
		}
	}
	return -1
}

// match runs the program on the runes from at on and returns where it ends, or -1.
func (f *finder) match(p shape, at int) int {
	steps := maxSteps
	return f.run(p, 0, at, &steps)
}

func (f *finder) run(p shape, pc int32, at int, steps *int) int {
	runes := f.text.Runes
	for {
		in := &p[pc]
		switch in.op {
		case opRune:
			if at >= len(runes) || runes[at] != in.r {
				return -1
			}
			at++
		case opFork:
			if *steps--; *steps < 0 {
				return -1
			}
			// Most forks fail at their first rune: do not descend for those.
			if n := &p[pc+1]; n.op != opRune || at < len(runes) && runes[at] == n.r {
				if end := f.run(p, pc+1, at, steps); end >= 0 {
					return end
				}
			}
			pc = in.next
			continue
		case opJump:
			pc = in.next
			continue
		case opBranch:
			ways := in.branch.any
			if at < len(runes) {
				if i, ok := slices.BinarySearch(in.branch.keys, runes[at]); ok {
					ways = in.branch.ways[i]
				}
			}
			if len(ways) == 0 {
				return -1
			}
			for _, way := range ways[:len(ways)-1] {
				if *steps--; *steps < 0 {
					return -1
				}
				if end := f.run(p, way, at, steps); end >= 0 {
					return end
				}
			}
			pc = ways[len(ways)-1]
			continue
		case opIn:
			if at >= len(runes) || !among(runes[at], in.set) {
				return -1
			}
		case opOut:
			if at < len(runes) && among(runes[at], in.set) {
				return -1
			}
		case opClose:
			if !f.closes(at) {
				return -1
			}
		case opDone:
			return at
		}
		pc++
	}
}

func among(r rune, set string) bool {
	for _, s := range set {
		if s == r {
			return true
		}
	}
	return false
}

// beginnings returns how the texts that a shape matches can begin: each of three runes, or of two if that is too many. It returns
// false if one of them may be shorter than two.
func (p shape) beginnings() ([][]rune, bool) {
	for _, n := range []int{3, 2} {
		b := beginner{shape: p, want: n, seen: map[string]bool{}}
		b.walk(0, nil)
		if b.short {
			return nil, false
		}
		if len(b.out) <= 1200 || n == 2 {
			return b.out, true
		}
	}
	return nil, false
}

type beginner struct {
	shape shape
	want  int
	seen  map[string]bool
	out   [][]rune
	short bool
}

func (b *beginner) walk(pc int32, have []rune) {
	for {
		if len(have) == b.want {
			break
		}
		in := b.shape[pc]
		switch in.op {
		case opRune:
			have = append(have[:len(have):len(have)], in.r)
		case opFork:
			b.walk(pc+1, have)
			pc = in.next
			continue
		case opJump:
			pc = in.next
			continue
		case opDone:
			if len(have) < 2 {
				b.short = true
				return
			}
		}
		if in.op == opDone {
			break
		}
		pc++
	}
	if key := string(have); !b.seen[key] {
		b.seen[key] = true
		b.out = append(b.out, have)
	}
}
