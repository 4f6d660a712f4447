"""技能组: skill groups."""
