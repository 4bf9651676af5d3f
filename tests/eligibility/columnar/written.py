"""A rulebook that says everything the vocabulary can say, for comparing the two executors."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from app.rulebooks.answers import Lists
from app.rulebooks.loader import read_rulebook
from app.rulebooks.schema import Rulebook
from tests.eligibility.engine.written import HEAD

TESTS = {
    "figure": "{ figure = 'sales_revenue', above = 20000 }",
    "total": "{ total = ['ip_class1_count', 'ip_class2_count'], at_least = 3 }",
    "total-below": "{ total = ['ip_class1_count', 'ip_class2_count'], at_most = 12 }",
    "ratio": "{ ratio = { of = ['rd_expense_hnte'], to = ['sales_revenue'], years = 3 }, at_least = 0.05 }",
    "share": "{ ratio = { of = ['hitech_income'], to = ['total_income'], to_less = ['non_taxable_income'],"
    " share = true }, at_least = 0.6 }",
    "days": "{ days_since = 'registration_date', at_least = 365 }",
    "years": "{ years_since = 'registration_date', at_least = 2 }",
    "years-end": "{ years_since = 'registration_date', until = 'last_year_end', at_least = 3 }",
    "holds": "{ holds = 'in_abnormal_list', is = false }",
    "one-of": "{ one_of = 'registered_country', allowed = ['中国'] }",
    "level": "{ level_of = 'rd_institution_level', level = '省级' }",
    "field": "{ in_field = 'hitech_field_code', fields = ['电子信息', '生物与新医药', '航空航天', '新材料',"
    " '高技术服务', '新能源与节能', '资源与环境', '先进制造与自动化'] }",
    "dated-days": "{ none_dated = ['major_safety_incident_dates', 'major_quality_incident_dates'],"
    " days_before_application = 365 }",
    "dated-years": "{ none_dated = ['serious_env_violation_dates'], years_before_application = 1 }",
    "dated-calendar": "{ none_dated = ['research_dishonesty_dates'], calendar_years = 2 }",
    "dated-since": "{ none_dated = ['major_safety_incident_dates'], since = 'hnte_cert_date' }",
    "valid-on": "{ not_expired = 'hnte_cert_expiry' }",
    "valid-for": "{ issued_within = 'hnte_cert_date', years = 3 }",
    "record": "{ any_record = 'sci_award_records', levels = ['国家级'], rank_at_most = 3, years = 5 }",
    "by-day": "{ done_by = 'tech_sme_update_date', month = 3, day = 31 }",
    "months": "{ after = 'major_change_date', reported = 'major_change_report_date', months = 3 }",
    "operating": "{ operating_below = 3 }",
    "all-of": "{ all_of = [{ figure = 'total_assets', at_most = 20000 }, { holds = 'data_fraud_3y', is = false }] }",
    "any-of": "{ any_of = [{ figure = 'total_assets', at_most = 5000 },"
    " { holds = 'first_time_applicant', is = true }] }",
    "none-of": "{ hit = 'needs_review', none_of = [{ figure = 'ip_total', at_most = 0 },"
    " { holds = 'dishonesty_3y', is = true }] }",
    "score": "{ score = 'total', at_least = 12 }",
    "when": "{ when = { figure = 'sales_revenue', at_most = 5000 }, then = { figure = 'total_assets', at_most = 9000 },"
    " otherwise = { ratio = { of = ['rd_expense_hnte'], to = ['sales_revenue'] }, at_least = 0.03 },"
    " said = ['小', '大'] }",
    "expert": "{ by_expert = 'E-1', looks_at = ['hitech_field_code', 'sales_revenue'] }",
    "principle": "{ in_principle = { figure = 'employees_quarter_avg', at_most = 200 }, expert = 'E-2' }",
    "sum": "{ over_years = { how = 'sum', of = ['rd_expense_audit'], years = 2 }, at_least = 1200 }",
    "mean": "{ over_years = { how = 'mean', of = ['rd_expense_audit'], years = 2 }, at_least = 600 }",
    "least": "{ over_years = { how = 'min', of = ['rd_expense_audit'], to = ['operating_revenue'], years = 2 },"
    " at_least = 0.03 }",
    "mean-ratio": "{ over_years = { how = 'mean', of = ['rd_expense_audit'], to = ['operating_revenue'], years = 2 },"
    " at_least = 0.03 }",
    "best": "{ over_years = { how = 'max', of = ['srdi_platform_score'], years = 2, until = 'this_year' },"
    " at_least = 60 }",
    "rise": "{ growth_rate = { of = ['main_business_revenue'], years = 2, how = 'mean' }, at_least = 0.05 }",
    "compound": "{ growth_rate = { of = ['operating_revenue'], years = 2, how = 'compound' }, at_least = 0.05 }",
    "multiple": "{ multiple = { of = 'main_business_revenue', base_year = 2019 }, at_least = 2 }",
    "change": "{ change = { of = 'total_profit', base_year = 2019 }, above = 0 }",
    "at-level": "{ count_at_level = { of = ['rd_institution_level', 'is_champion'], level = '省级' }, at_least = 1 }",
    "per-year": "{ per_operating_year = { fact = 'tech_transfer_count_3y', years = 3 }, at_least = 3 }",
    "growth": "{ growth = { label = '净资产', of = ['total_assets'], less = ['total_liabilities'],"
    " direct = 'net_assets', first_zero = 'last_two_years', second_zero = 'no_points', one_year = 'no_points',"
    " negative_base = 'review' }, at_least = 0.1 }",
    "honour": "{ record_valid = 'honor_records', named = ['示范企业'] }",
    "prize": "{ record_named = 'honor_records', named = ['质量奖'], levels = ['国家级', '省部级'] }",
    "contest": "{ ranked = 'maker_china_rank', at_most = 50, years = 3 }",
    "listed": "{ any_listed = 'mgmt_system_cert' }",
    "fund": "{ no_record = 'fund_award_history', mentions = ['doubling-jm', '倍增'] }",
    "kind": "{ by_kind = { new = { figure = 'core_business_it_count', at_least = 2 },"
    " review = { figure = 'core_business_it_count', at_least = 1 } } }",
    "any-rank": "{ any_record = 'sci_award_records', levels = ['国家级', '省部级'], years = 5 }",
    "rows": "{ by_industry = 'industry_class', otherwise = '其他行业', row = ["
    "{ said = '工业', sections = ['制造业'], test = { figure = 'sales_revenue', at_least = 2000 } },"
    "{ said = '软件', sections = ['65'], test = { figure = 'employees_quarter_avg', at_least = 100 } }] }",
    "told": "{ told = { figure = 'sales_revenue' }, why = '未定界限' }",
    "path": "{ on_path = { of = 'main_business_revenue', base_year = 2023, years = 5, multiple = 2,"
    " shape = 'geometric' } }",
    "line": "{ on_path = { of = 'main_business_revenue', base_year = 2023, years = 5, multiple = 2, shape = 'linear',"
    " share = 0.9 } }",
    "undefined": "{ undefined = '原文未说明' }",
    "industry": "{ in_industry = 'industry_class', sections = ['制造业', '65'] }",
}
APPLIES = {
    "days": "{ ratio = { of = ['rd_expense_hnte'], to = ['sales_revenue'] }, at_least = 0.02, below = 0.5 }",
    "dated-days": "{ ratio = { of = ['rd_expense_super'], to = ['sales_revenue'] }, at_least = 0.02 }",
    "level": "{ any_of = [{ holds = 'in_abnormal_list', is = true }, { figure = 'total_assets', above = 100 }] }",
    "all-of": "{ figure = 'sales_revenue', above = 5000, at_most = 20000 }",
}
LIMITS = {
    "figure": "exempt_by = ['valid-on', 'record']",
    "years": "skip_when = { kinds = ['review'], from = 2024-01-01 }",
    "years-end": "only_when = { from = 2023-01-01, to = 2023-12-31 }",
    "share": "review_when = { outcome = 'met', from = 2023-07-01, why = '另一文件改了本条' }",
}
DEMANDS = """
[[requirement]]
id = "either"
label = "其中之一"
combine = "any"
[[requirement]]
id = "first"
label = "第一条路"
combine = "all"
part_of = "either"
[[requirement]]
id = "both"
label = "两条都要"
combine = "all"
"""
JOINED = {
    "figure": "first", "total": "first", "valid-on": "either", "record": "either", "ratio": "both", "share": "both",
}  # fmt: skip
DECIDES = {*JOINED, "expert", "principle", "score", "operating", "all-of"}
SCORE = """
[score]
total = 20
whole = true
[[score.group]]
id = "one"
name = "一"
max = 14
[[score.group.item]]
id = "I-1"
name = "年均"
max = 8
status = "verified"
evidence = "primary_text"
measure = { per_operating_year = { fact = "tech_transfer_count_3y", years = 3 } }
band = [
  { label = "多", at_least = 3, points = [5, 8] },
  { label = "中", at_least = 1, points = [2, 4] },
  { label = "少", points = 0 },
]
[[score.group.item]]
id = "I-2"
name = "项数"
max = 8
status = "verified"
evidence = "primary_text"
band = [
  { label = "一类", fact = "ip_class1_count", at_least = 1, points = 8 },
  { label = "二类", fact = "ip_class2_count", at_least = 3, points = [3, 5] },
  { label = "无", points = 0 },
]
[[score.group]]
id = "two"
name = "二"
max = 6
choice = "best"
[[score.group.item]]
id = "I-3"
name = "比例"
max = 6
status = "verified"
evidence = "primary_text"
measure = { ratio = { of = ["rd_expense_super"], to = ["sales_revenue"] } }
band = [{ label = "高", at_least = 0.06, points = 6 }, { label = "低", points = 1 }]
[[score.group.item]]
id = "I-5"
name = "增长"
max = 6
status = "verified"
evidence = "primary_text"
band = [
  { label = "高", at_least = 0.35, points = [4, 6] },
  { label = "有", above = 0, points = [1, 3] },
  { label = "无", points = 0 },
]
[score.group.item.measure.growth]
label = "净资产"
of = ["total_assets"]
less = ["total_liabilities"]
direct = "net_assets"
first_zero = "last_two_years"
second_zero = "no_points"
one_year = "no_points"
negative_base = "review"
[[score.group.item]]
id = "I-4"
name = "专家"
max = 5
status = "verified"
evidence = "primary_text"
band = [{ label = "专家评分", points = [0, 5] }]
[[score.group.item]]
id = "I-6"
name = "符合几项"
max = 4
status = "verified"
evidence = "primary_text"
measure = { count_met = [{ holds = "own_brand", is = true }, { any_listed = "mgmt_system_cert" },
  { in_principle = { figure = "total_assets", at_most = 9000 }, expert = "E-2" }] }
band = [
  { label = "两项", at_least = 2, points = 4 },
  { label = "一项", at_least = 1, points = 2 },
  { label = "无", points = 0 },
]
[[score.group.item]]
id = "I-7"
name = "逐条"
max = 4
status = "verified"
evidence = "primary_text"
band = [
  { label = "甲", test = { any_record = "sci_award_records", levels = ["国家级"], years = 5 }, points = 4 },
  { label = "乙", test = { in_principle = { figure = "total_assets", at_most = 9000 }, expert = "E-2" }, points = 2 },
  { label = "丙", points = 0 },
]
"""


BEYOND_THE_ORACLE = {"mean-ratio"}
"""What the oracle in SQL has no words for: sums of quotients, which no edition asks for."""


@lru_cache(maxsize=2)
def every_criterion(*, to_the_oracle: bool = False) -> Rulebook:
    """Return the rulebook: a clause for each criterion, some of them deciding, joined into demands and parts."""
    clauses = [
        "\n".join(
            [
                "[[clause]]", f'id = "{name}"', 'article = "第一条"', f'kind = "{_kind(name)}"', f'text = "{name}"',
                'status = "verified"', 'evidence = "secondary"',
                *([f'requirement = "{JOINED[name]}"'] if name in JOINED else []),
                *([LIMITS[name]] if name in LIMITS else []),
                *([f"applies_when = {APPLIES[name]}"] if name in APPLIES else []),
                f"test = {test}",
            ]
        )
        for name, test in TESTS.items()
        if not (to_the_oracle and name in BEYOND_THE_ORACLE)
    ]  # fmt: skip
    book = read_rulebook("\n".join([HEAD, DEMANDS, *clauses, SCORE]).encode(), "sample/rulebook.toml")
    # no list of the catalogue has options to choose from yet, so that no TOML can say this
    named = replace(book.clause("listed"), id="named", test=Lists("mgmt_system_cert", "甲"))
    return replace(book, clauses=(*book.clauses, named))


def _kind(name: str) -> str:
    return "gate" if name in DECIDES else "rule"
