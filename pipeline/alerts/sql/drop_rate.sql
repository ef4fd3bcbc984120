-- As drop_rate() counts: calls that a person took in the 30 days before the moment. Its subject is the campaign.
intervals AS (
  SELECT client, campaign AS queue, minute_after(dialled_at) AS from_minute,
    minute_after(dialled_at + to_hours(720)) AS until_minute, is_drop::INTEGER AS part, is_live::INTEGER AS whole
  FROM dial_attempts_between($start::TIMESTAMPTZ - to_hours(720), $stop) WHERE is_live OR is_drop)
