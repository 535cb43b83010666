package search

import "math"

// Ranking is the policy by which hits are ordered. The zero Ranking is the default one ([DefaultRanking]).
//
// The score of a document is
//
//	text × coverage^C × (1 + Fresh × 2^(-age/HalfLife)) × knowledge
//
// where text is the sum over the terms of weight × idf × tf/(tf + K1 × (1 − B + B × length/average)) (Robertson and
// Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009), with the exact average length of the field,
// idf = ln(1 + (N − n + ½)/(n + ½)), and coverage is the share of the words' idf that the document has. Every statistic
// is of the tenant's live documents.
type Ranking struct {
	// K1 and B are BM25's: how soon a word that is repeated counts no more, and how much long texts pay.
	K1, B float32
	// Word, Bigram, Pair, Reading, Title and Synonym are the weights of what matches. Title is of the words of title and
	// space name, Synonym what an alternative counts of the word itself.
	Word, Bigram, Pair, Reading, Title, Synonym float32
	// Coverage is C.
	Coverage float32
	// Fresh is how much newer documents gain at most, HalfLife the age in days at which half of it is left.
	Fresh, HalfLife float32
	// Knowledge weights.
	Knowledge KnowledgeRanking
}

// KnowledgeRanking is how much what is known of a document counts: factors of the score, 1 for nothing. They are
// reasoned, not tuned: no judged company queries exist yet. An accepted answer beats a question with the same words, an
// article beats both, and no sum of applause lifts a bad match over a good one.
type KnowledgeRanking struct {
	// Article, Accepted and Answered are of articles, accepted answers and questions that have one; Outdated is of
	// articles that should no longer be relied on.
	Article, Accepted, Answered, Outdated float32
	// Applause is added per doubling of reactions and confirmations together, up to MaxApplause.
	Applause, MaxApplause float32
}

// DefaultRanking is the policy of an installation that says nothing else. The weights of text were tuned on the dev
// queries of JSQuAD and JaQuAD, questions and keywords together.
func DefaultRanking() Ranking {
	return Ranking{
		K1: 0.35, B: 0.8,
		Word: 1, Bigram: 0.35, Pair: 0.35, Reading: 0.6, Title: 2, Synonym: 0.7,
		Coverage: 1.7,
		Fresh:    0.25, HalfLife: 180,
		Knowledge: KnowledgeRanking{Article: 1.5, Accepted: 1.35, Answered: 1.1, Outdated: 0.6, Applause: 0.03, MaxApplause: 0.2},
	}
}

// orDefault fills in the default for the zero Ranking.
func (r Ranking) orDefault() Ranking {
	if r == (Ranking{}) {
		return DefaultRanking()
	}
	return r
}

// Of is the factor of a document.
func (k KnowledgeRanking) Of(s Signals) float32 {
	w := float32(1)
	switch {
	case s.Article:
		w *= k.Article
	case s.Accepted:
		w *= k.Accepted
	case s.Answered:
		w *= k.Answered
	}
	if s.Outdated {
		w *= k.Outdated
	}
	if n := s.Acknowledged + s.Reactions; n > 0 {
		w *= 1 + min(k.MaxApplause, k.Applause*float32(math.Log2(1+float64(n))))
	}
	return w
}

// Freshness is the factor of a document's age in days.
func (r Ranking) Freshness(days float64) float32 {
	if r.Fresh == 0 || r.HalfLife <= 0 {
		return 1
	}
	return 1 + r.Fresh*float32(math.Exp2(-max(0, days)/float64(r.HalfLife)))
}
