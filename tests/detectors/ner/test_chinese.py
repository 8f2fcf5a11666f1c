"""Names in Chinese that a form, a title or an ending gives away, and words that only look like them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.chinese import (
    ANY_FULL_TITLE,
    ANY_TITLE,
    CALLED,
    FULL,
    SHORT,
    SHORTLY,
    SOMEBODY,
    TITLE,
    chinese,
    person_ends,
)
from detectors.normalise import normalise
from detectors.traditional import simplified
from tests.detectors.ner.small import words


def found(text):
    view = simplified(normalise(text).text)
    return list(dict.fromkeys(words(view, sorted(chinese(view)))))


PEOPLE = {
    # forms
    "a form's key": ("姓名：张伟", ["张伟"]),
    "a name that is a word, too": ("姓名：高明", ["高明"]),
    "full-width and blanks": ("联系人 ：  李娜", ["李娜"]),
    "an equals sign": ("联系人=王小明&tel=1", ["王小明"]),
    "a double family name": ("收件人：欧阳明月", ["欧阳明月"]),
    "a name that is no usual one": ("姓名：阿依古丽", ["阿依古丽"]),
    "with a middle dot": ("姓名：买买提·艾力", ["买买提·艾力"]),
    "no blank before the next word": ("收件人：张三电话13800138000", ["张三"]),
    "several": ("抄送：陈静、周杰；吴磊", ["陈静", "周杰", "吴磊"]),
    "several with mail addresses": ("收件人: 王芳 <wf@a.cn>; 赵强 <zq@a.cn>", ["王芳", "赵强"]),
    "a party to a contract": ("甲方（出租方）：李建国", ["李建国"]),
    "JSON": ('{"姓名": "赵子龙", "年龄": 3}', ["赵子龙"]),
    "a western name": ("联系人：Anna Weber", ["Anna Weber"]),
    "traditional characters": ("聯絡人：陳靜怡", ["陈静怡"]),
    "a title in a form": ("联系人：王经理", ["王经理"]),
    # from abroad, by their sound
    "behind an office": ("以色列总理内塔尼亚胡21日拒绝了", ["内塔尼亚胡"]),
    "an office that ends as names begin": ("轮值主席格林斯托克分别发表声明", ["格林斯托克"]),
    "before what somebody says": ("昨晚，奥沙利文说自己手气不好", ["奥沙利文"]),
    "a character of the next word": ("外长卡德罗于昨日抵京", ["卡德罗"]),
    "in several words": ("门将萨沙·奥格诺夫斯基伤愈", ["萨沙·奥格诺夫斯基"]),
    "in traditional characters": ("總統阿佩爾塔表示滿意", ["阿佩尔塔"]),
    # titles
    "a family name with a title": ("请转告王总。", ["王总"]),
    "after any word": ("昨天和李老师谈过", ["李老师"]),
    "at the beginning": ("高总您好", ["高总"]),
    "a doubtful family name after a word": ("麻烦给马老师说一声", ["马老师"]),
    "a whole name before a title": ("请李建国先生到前台", ["李建国"]),
    "a family name with a long title": ("刘副总说可以", ["刘副总"]),
    # double family names, which models cut or miss
    "a double family name and two characters": ("司马相如写的", ["司马相如"]),
    "a double family name after a word": ("请联系诸葛孔明", ["诸葛孔明"]),
    "a double family name and one character": ("令狐冲说可以", ["令狐冲"]),
    "a doubtful double family name": ("西门吹雪，你好", ["西门吹雪"]),
    # nicknames
    "who says what they are called": ("我叫程诺，下周去三亚", ["程诺"]),
    "what a friend is called": ("男朋友叫孟诗。", ["孟诗"]),
    "by a name called so": ("一位名叫石磊磊 的人", ["石磊磊"]),
    "what is done, and no name": ("我叫车去，他叫高档，同事叫周末加班。", []),
    "little Li": ("让小李去办", ["小李"]),
    "old Wang": ("老王，你来一下", ["老王"]),
    "A-Qiang is no family name": ("阿强来了", []),
    "somebody, but the word could end there": ("公司某部门", []),
    "somebody at the beginning": ("王某某称", ["王某某"]),
    "a western name among Chinese": ("跟Linda打个招呼", ["Linda"]),
    "a western name in two words": ("对手是 Neha Deshmukh ，", ["Neha Deshmukh"]),
}
NO_PEOPLE = {
    "a model of a telephone": "请问iPhone 17 Pro Max多少钱",
    "a key without a name": "姓名：",
    "a key with a stand-in": "姓名：待补充",
    "a department": "负责人：财务部",
    "a question": "联系人是什么意思",
    "a total": "本季度总量提高，周总结，总计三项",
    "a senior engineer": "招聘高级工程师、高级经理和项目经理",
    "words with 小 and 老": "小时、小程序、小李子好吃、老师、老家、老板",
    "what begins as a double family name": "东方明珠、东方航空的飞机、东方财富网、东方雨虹，东方甄选昨天说，东方之珠",
    "a double family name inside a word": "客户端木马病毒，南宫大厦，司马台长城很高",
    "a class": "任课老师和许多老师都来了",
    "engineering": "工程总监和施工队",
    "before a title's longer word": "王总结道",
    "prose": "提高时间管理能力，方便安排任务，文件已经发送",
    "a company that explains itself": "有限公司与股份公司的区别",
    "a law firm's end": "请王会计师和李律师函",
    "code": "for i in range(10): print(i)",
    "a tool among Chinese": "用 Redis 缓存,再用 Docker 部署",
    "a project with a name that people bear": "乙方开发猎鹰项目（Project Falcon），找 Team Jordan 要",
    "part of a longer word": "打开 Linda.txt 和 Anna_1 文件",
}


@pytest.mark.parametrize(("text", "want"), PEOPLE.values(), ids=PEOPLE)
def test_people_are_found_exactly(text, want):
    assert found(text) == [f"PERSON:{name}" for name in want]


@pytest.mark.parametrize("text", NO_PEOPLE.values(), ids=NO_PEOPLE)
def test_words_that_look_like_names_are_none(text):
    assert found(text) == []


COMPANIES = {
    "after a verb": ("我在上海华星科技有限公司上班", "上海华星科技有限公司"),
    "after a name": ("李娜和华为技术有限公司的合同", "华为技术有限公司"),
    "with brackets": ("甲方：华星（深圳）信息技术股份有限公司", "华星(深圳)信息技术股份有限公司"),
    "a law firm": ("委托金杜律师事务所", "金杜律师事务所"),
}


@pytest.mark.parametrize(("text", "want"), COMPANIES.values(), ids=COMPANIES)
def test_companies_are_found_by_their_endings(text, want):
    assert f"ORGANIZATION:{want}" in found(text)


def test_a_finding_says_which_word_gave_it_away_and_nothing_of_the_name():
    (one,) = chinese("联系人:张伟")
    assert (one.because, one.firm) == (("cue:联系人",), True)
    assert next(chinese("找王总")).because == ("cue:title",)


@given(st.text(alphabet=st.sampled_from("张王高小老总师经理有限公司姓名联系人是的:、, \n·A"), max_size=60))
def test_whatever_is_read_mentions_lie_in_the_text(text):
    for one in chinese(text):
        assert 0 <= one.start < one.end <= len(text) and 0 < one.score <= 1
        assert "\n" not in text[one.start : one.end]


@given(st.text(alphabet=st.sampled_from("张王欧阳高小明的电话经理先生·待补充A "), max_size=12), st.booleans())
def test_a_name_in_a_form_is_the_beginning_of_its_value(value, anyone):
    assert 0 <= person_ends(value, anyone=anyone) <= len(value)


@pytest.mark.parametrize("name", ["金星", "文雅", "石青", "桂花", "宋词", "永乐"])
def test_who_is_called_as_a_thing_is_named_behind_a_key_and_what_stands_in_for_a_name_is_nobody(name):
    assert f"PERSON:{name}" in found(f"姓名：{name}")
    assert not found("姓名：见附件") and not found("姓名：师兄")


SIGNS = {
    "a title behind a whole name": (FULL, ANY_FULL_TITLE.search),
    "a title": (TITLE, ANY_TITLE.search),
    "a short title": (SHORTLY, lambda text: any(title in text for title in SHORT)),
    "somebody": (SOMEBODY, lambda text: "某" in text),
    "what one is called": (CALLED, lambda text: "叫" in text),
}


@pytest.mark.parametrize(("pattern", "sign"), SIGNS.values(), ids=SIGNS)
@given(text=st.lists(st.sampled_from([*"王李欧阳司马某叫名我总工经理老师同学先生女士伟芳，。 "])).map("".join))
def test_where_the_sign_is_missing_the_pattern_finds_nothing(pattern, sign, text):
    assert sign(text) or pattern.search(text) is None
