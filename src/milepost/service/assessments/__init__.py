"""Assessments: answers with their sources, professional judgement, scores, tier, overrides, versions, contest."""
