package slackexport

import (
	"encoding/json"
	"fmt"
	"strings"
)

// attachmentText is the text of a message's attachments in mrkdwn. What has another form than expected has no text.
func attachmentText(raw json.RawMessage) string {
	var attachments []struct {
		Pretext    string `json:"pretext"`
		AuthorName string `json:"author_name"`
		Title      string `json:"title"`
		TitleLink  string `json:"title_link"`
		Text       string `json:"text"`
		Fallback   string `json:"fallback"`
		Fields     []struct {
			Title string `json:"title"`
			Value string `json:"value"`
		} `json:"fields"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if json.Unmarshal(raw, &attachments) != nil {
		return ""
	}
	var out lines
	for _, a := range attachments {
		before := len(out)
		out.add(a.Pretext)
		out.add(a.AuthorName)
		switch {
		case a.Title != "" && a.TitleLink != "":
			out.add("<" + a.TitleLink + "|" + a.Title + ">")
		case a.Title != "":
			out.add("*" + a.Title + "*")
		}
		out.add(a.Text)
		for _, f := range a.Fields {
			if f.Title != "" && f.Value != "" {
				out.add(f.Title + ": " + f.Value)
			} else {
				out.add(f.Title + f.Value)
			}
		}
		out.add(blockText(a.Blocks))
		if len(out) == before {
			out.add(a.Fallback)
		}
	}
	return out.join()
}

type lines []string

func (l *lines) add(s string) {
	if strings.TrimSpace(s) != "" {
		*l = append(*l, s)
	}
}

func (l lines) join() string { return strings.Join(l, "\n") }

// block is any element of Slack's Block Kit that can hold text.
type block struct {
	Type      string          `json:"type"`
	Text      json.RawMessage `json:"text"` // an object, or a string in rich text
	Fields    []block         `json:"fields"`
	Elements  []block         `json:"elements"`
	Title     json.RawMessage `json:"title"`
	AltText   string          `json:"alt_text"`
	URL       string          `json:"url"`
	UserID    string          `json:"user_id"`
	ChannelID string          `json:"channel_id"`
	Name      string          `json:"name"`
	Range     string          `json:"range"`
	Style     json.RawMessage `json:"style"`
}

// maxBlockDepth is more than Block Kit allows.
const maxBlockDepth = 10

// blockText is the text of blocks in mrkdwn.
func blockText(raw json.RawMessage) string {
	var blocks []block
	if json.Unmarshal(raw, &blocks) != nil {
		return ""
	}
	var out lines
	for _, b := range blocks {
		out.add(b.mrkdwn(0))
	}
	return out.join()
}

func (b block) mrkdwn(depth int) string {
	if depth > maxBlockDepth {
		return ""
	}
	var out lines
	switch b.Type {
	case "image":
		if out.add(textOf(b.Title)); len(out) == 0 {
			out.add(escapeEntities(b.AltText))
		}
	case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
		var s strings.Builder
		for _, e := range b.Elements {
			s.WriteString(e.rich())
		}
		switch b.Type {
		case "rich_text_quote":
			return "&gt; " + strings.ReplaceAll(s.String(), "\n", "\n&gt; ")
		case "rich_text_preformatted":
			return "```\n" + s.String() + "\n```"
		}
		return s.String()
	case "rich_text_list":
		var style string
		_ = json.Unmarshal(b.Style, &style)
		for i, e := range b.Elements {
			if style == "ordered" {
				out.add(fmt.Sprintf("%d. %s", i+1, e.mrkdwn(depth+1)))
			} else {
				out.add("- " + e.mrkdwn(depth+1))
			}
		}
	case "mrkdwn":
		var s string
		_ = json.Unmarshal(b.Text, &s)
		return s
	case "plain_text":
		var s string
		_ = json.Unmarshal(b.Text, &s)
		return escapeEntities(s)
	case "divider", "actions", "input":
	default: // header, section, context, rich_text
		out.add(textOf(b.Text))
		for _, child := range b.Fields {
			out.add(child.mrkdwn(depth + 1))
		}
		for _, child := range b.Elements {
			out.add(child.mrkdwn(depth + 1))
		}
	}
	return out.join()
}

// textOf is the mrkdwn of a text object.
func textOf(raw json.RawMessage) string {
	var t block
	if json.Unmarshal(raw, &t) != nil || t.Type != "mrkdwn" && t.Type != "plain_text" {
		return ""
	}
	return t.mrkdwn(maxBlockDepth)
}

// rich is an element of rich text.
func (b block) rich() string {
	var s string
	_ = json.Unmarshal(b.Text, &s)
	s = escapeEntities(s)
	switch b.Type {
	case "user":
		return "<@" + b.UserID + ">"
	case "channel":
		return "<#" + b.ChannelID + ">"
	case "broadcast":
		return "<!" + b.Range + ">"
	case "emoji":
		return ":" + b.Name + ":"
	case "link":
		if s == "" {
			return "<" + escapeEntities(b.URL) + ">"
		}
		return "<" + escapeEntities(b.URL) + "|" + s + ">"
	}
	var style struct{ Bold, Italic, Strike, Code bool }
	_ = json.Unmarshal(b.Style, &style)
	for _, mark := range []struct {
		on   bool
		mark string
	}{{style.Code, "`"}, {style.Strike, "~"}, {style.Italic, "_"}, {style.Bold, "*"}} {
		if inner := strings.TrimSpace(s); mark.on && inner != "" {
			before, after, _ := strings.Cut(s, inner)
			s = before + mark.mark + inner + mark.mark + after
		}
	}
	return s
}

func escapeEntities(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
