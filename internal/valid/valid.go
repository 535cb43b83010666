// Package valid checks the input structs of the rooms by their validate tags and says what is wrong in Japanese and in
// English.
//
// It wraps go-playground/validator, whose own tags and translations it uses, and adds the rules that engawa's texts and
// ids live by. Like the tags of validator they take the zero value for what it is:
//
//	line=200     one line of text of at most 200 bytes, as [engawa.CheckText] has it; empty is allowed
//	text=65536   text of many lines of at most 65536 bytes; empty is allowed
//	hostid       an id of the host's, as [engawa.CheckHostID] has it; empty is refused: write omitempty,hostid
//	reltime      a time from 1970 to 2247, as [engawa.CheckTime] has it; the zero time is allowed
package valid

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/ja"
	ut "github.com/go-playground/universal-translator"
	"github.com/go-playground/validator/v10"
	entext "github.com/go-playground/validator/v10/translations/en"
	jatext "github.com/go-playground/validator/v10/translations/ja"

	"github.com/engawa-sns/engawa"
)

// Validator checks structs. It caches what it learns about their types, so a Service keeps one for its lifetime; it is
// safe for concurrent use.
type Validator struct {
	rules  *validator.Validate
	en, ja ut.Translator
}

// New makes a Validator. It takes about a millisecond.
func New() *Validator {
	v := &Validator{rules: validator.New(validator.WithRequiredStructEnabled())}
	english, japanese := en.New(), ja.New()
	languages := ut.New(english, english, japanese)
	v.en, _ = languages.GetTranslator(english.Locale())
	v.ja, _ = languages.GetTranslator(japanese.Locale())

	// Both can only fail for a tag that is registered twice.
	must(entext.RegisterDefaultTranslations(v.rules, v.en))
	must(jatext.RegisterDefaultTranslations(v.rules, v.ja))
	for _, tag := range []string{tagLine, tagText, tagHostID, tagTime} {
		must(v.rules.RegisterValidation(tag, func(fl validator.FieldLevel) bool {
			return check(fl.GetTag(), fl.Param(), fl.Field()) == nil
		}))
	}
	return v
}

func must(err error) {
	if err != nil {
		panic("valid: " + err.Error())
	}
}

// Check checks a struct or a pointer to one. What is wrong comes back as an *[engawa.Error] of the operation with a
// Field for each wrong field, in the order of the struct, named by its Go path such as "Attachments[2].Name". Its kind
// is [engawa.TooLarge] if any field is over a limit of size or number (line, text, hostid, and max and lte on slices,
// arrays and maps), else [engawa.Invalid]. Input that is no struct, or a nil pointer, is [engawa.Internal].
func (v *Validator) Check(op string, input any) error {
	err := v.rules.Struct(input)
	if err == nil {
		return nil
	}
	wrong, ok := err.(validator.ValidationErrors)
	if !ok {
		return &engawa.Error{Op: op, Kind: engawa.Internal, Err: err}
	}
	out := &engawa.Error{Op: op, Kind: engawa.Invalid}
	for _, fe := range wrong {
		m, kind := v.message(fe)
		if kind == engawa.TooLarge {
			out.Kind = engawa.TooLarge
		}
		out.Fields = append(out.Fields, engawa.Field{Name: path(fe), Message: m})
	}
	return out
}

// path is the field's Go path without the name of the outermost struct.
func path(fe validator.FieldError) string {
	_, rest, ok := strings.Cut(fe.StructNamespace(), ".")
	if !ok {
		return fe.StructField()
	}
	return rest
}

func (v *Validator) message(fe validator.FieldError) (engawa.Message, engawa.Kind) {
	if err := check(fe.Tag(), fe.Param(), reflect.ValueOf(fe.Value())); err != nil {
		return err.Fields[0].Message, err.Kind
	}
	kind := engawa.Invalid
	switch fe.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		if fe.ActualTag() == "max" || fe.ActualTag() == "lte" || fe.ActualTag() == "lt" {
			kind = engawa.TooLarge
		}
	}
	english, japanese := fe.Translate(v.en), fe.Translate(v.ja)
	if english == fe.Error() || japanese == fe.Error() { // a tag for which validator has no words
		return msgRule.With(rule(fe)), kind
	}
	// The field's name stands in front of the message already.
	return engawa.Message{
		Code: "valid." + fe.Tag(),
		EN:   strings.TrimPrefix(english, fe.Field()+" "),
		JA:   strings.TrimPrefix(japanese, fe.Field()+"は"),
	}, kind
}

func rule(fe validator.FieldError) string {
	if fe.Param() == "" {
		return fe.Tag()
	}
	return fe.Tag() + "=" + fe.Param()
}

const (
	tagLine   = "line"
	tagText   = "text"
	tagHostID = "hostid"
	tagTime   = "reltime"
)

// check applies one of engawa's own rules; other tags pass. A rule on a field of the wrong type, or with a length that
// is no number, is a mistake in the program and panics, as validator does for its own.
func check(tag, param string, field reflect.Value) *engawa.Error {
	var err error
	switch tag {
	case tagLine:
		err = engawa.CheckText("", str(tag, field), engawa.Line(length(tag, param)))
	case tagText:
		err = engawa.CheckText("", str(tag, field), engawa.Lines(length(tag, param)))
	case tagHostID:
		err = engawa.CheckHostID("", str(tag, field))
	case tagTime:
		t, ok := field.Interface().(time.Time)
		if !ok {
			panic(fmt.Sprintf("valid: %s on a field of type %s", tag, field.Type()))
		}
		if !t.IsZero() {
			err = engawa.CheckTime("", t)
		}
	}
	if err == nil {
		return nil
	}
	return err.(*engawa.Error)
}

func str(tag string, field reflect.Value) string {
	if field.Kind() != reflect.String {
		panic(fmt.Sprintf("valid: %s on a field of type %s", tag, field.Type()))
	}
	return field.String()
}

func length(tag, param string) int {
	n, err := strconv.Atoi(param)
	if err != nil || n <= 0 {
		panic(fmt.Sprintf("valid: %s needs a number of bytes, such as %s=200: not %q", tag, tag, param))
	}
	return n
}
