"""What reaches or names a person is masked; ordinary sentences are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.connectors.connector import Problem
from data.connectors.privacy import mask
from data.ingest.ledger import keep_problems
from tests.store import payloads
from tests.store.support import rows_of, take


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13800138000", "电话138****8000"),
        ("王小明反映路灯不亮", "王**反映路灯不亮"),
        ("夜间噪音，市民李四来电投诉", "夜间噪音，市民李*来电投诉"),
        ("138 0013 8000 或 138-0013-8000", "138****8000 或 138****8000"),
        ("138 00138000，13800 138000", "138****8000，138****8000"),
        ("手机一三八零零一三八零零零", "手机一三八****八零零零"),
        ("幺三八零零幺三八零零零", "幺三八****八零零零"),
        ("0762-3388123", "0762-****123"),
        ("（0762）3388123 转 801", "0762-****123 转 801"),
        ("０７６２－３３８８１２３", "0762-****123"),
        ("020 8123 4567、07623388123", "020-****567、0762-****123"),
        ("固话：3388123", "固话：****123"),
        ("441602199001011234", "441602********1234"),
        ("身份证号441602900101123", "身份证号441602******123"),
        ("11010519491231002X", "110105********002X"),
        ("护照E12345678，港澳通行证H12345678", "护照E*****678，港澳通行证H*****678"),
        ("卡号 6222 0212 3456 7890 128", "卡号 622202*********0128"),
        ("4111111111111111", "411111******1111"),
        ("微信号：heyuan_zhang，QQ：12345678", "微信号：***，QQ：***"),
        ("zhang.san@mail.example", "***@mail.example"),
        ("粤P12345、粤PD12345、粤P·A1234", "粤P***45、粤P***45、粤P***34"),
        ("姓名：张三", "姓名：张*"),
        ("姓名: 欧阳娜娜，女", "姓名: 欧阳**，女"),
        ("投诉人李建国反映路灯不亮", "投诉人李**反映路灯不亮"),
        ("张建国先生来电", "张**先生来电"),
        ("患者：刘德华，男", "患者：刘**，男"),
        ("已联系王小明核实，王小明反映属实", "已联系王**核实，王**反映属实"),
        ("请通知李四，并转告陈国强。", "请通知李*，并转告陈**。"),
        ("工作人员回访欧阳娜娜，其表示满意", "工作人员回访欧阳**，其表示满意"),
        ("据李建国报警，门锁被撬", "据李**报警，门锁被撬"),
        ("商户刘志强称被多收费用", "商户刘**称被多收费用"),
        ("我叫张伟，住在附近", "我叫张*，住在附近"),
        ("本人林小燕因病无法到场", "本人林**因病无法到场"),
        ("李建国 13800138000", "李** 138****8000"),
        ("王芳（电话：13800138000）", "王*（电话：138****8000）"),
        ("陈晓东，身份证441602199001011234", "陈**，身份证441602********1234"),
        ("锦绣花园3栋2单元501室", "锦绣花园3栋***"),
        ("香江南路8号2单元302房", "香江南路8号2单元***"),
        ("兴源路12号3栋-501", "兴源路12号3栋***"),
        ("Ａ座１５０２房", "Ａ座***"),
    ],
)
def test_what_is_personal_is_masked(text, masked):
    assert mask(text) == masked
    assert mask(masked) == masked


ORDINARY = """
2026年11月18日13时45分，约1380013人次，共13800件
2026-11-18T09:10:00+08:00 至 2026-11-18 17:30:00
电话12345、110、119、120、122、96110均可拨打
热线0762 12345，市长信箱已回复
国道G205线K2345+600处，省道S341，县道X150，高速G4511
坐标114.697802,23.743538；海拔1380.0138米
工单编号441602202611180001，案件202611180012345
受理号：20261118000123，流水号 6222021234567890123
依据《广东省市容和环境卫生管理条例》第三十五条第二款，罚款200元
（2026）粤1602民初1234号，河府〔2026〕12号
第3栋12户居民停水，2单元停电，3栋5层楼房外墙脱落
小区3栋电梯故障，花园201路公交站，15路公交
龙川县老隆镇两渡河二桥，源城区兴源东路与建设大道交叉口
政务服务中心302室，市民之家2楼B区15号窗口
司机马上停车，负责人高度重视，患者于昨晚入院
业主高兴地表示满意，家长方便时回电，申请人应当在15日内提交
语文老师、英文老师和出租车师傅都到场，公安同志已处置
任何女士均可办理，对方医生已到，何时先到先得
王先生、李女士、陈医生来电，李某某投诉
法定代表人：河源市某某有限公司，联系人：源城区城管局
水位115.20米，流量1380立方米每秒，PM2.5 13微克
一三五七九，三四月间，一九九七年，二〇二六年十一月
曾多次反映未果，曾两次投诉，许多居民投诉，凌晨来电，周一来电，陆续投诉，谢谢反馈
顾客投诉商家，程序员反映，施工方表示，施工单位称，黄局长表示，陈主任要求，李经理说
已联系林业局处理，联系周边商户，通知许可证持有人，告知申请人，询问范围，联系黄河路派出所
请联系罗湖区，回复郑州市民，联系温泉酒店，通知严重违规单位，告知何时恢复，答复陈述意见
本人钱包被偷，本人林地被占，本人曾多次申请，我是顾客，我是程序员，本人严重不满，我是周边居民
余额 13800138元，黄色 1380元，许可证 138号，董事会表示，凌晨求助，夏季投诉，严格要求
孙女来访，岳母求助，孙子来电，高温投诉，温度反映，涂料申请，申请表示，林场反馈，叶片反映
占道经营、噪音扰民、垃圾堆放、路灯不亮、井盖缺失
粤B2025项目，京A类企业，粤港澳大湾区，粤P1234警
通过微信小程序“粤省事”办理，关注微信公众号
面积1380.00平方米，金额138001380.00元，单价13.80元
G12次列车，D1234次，C6712次，航班CZ3101
周边反映噪音，周边居民投诉，居民多次反映，马路来访，张先生来电，陈某投诉
Graffiti on the wall at 1200 N Main St, case 26-00012345, ward 5
Location 39.290385, -76.612189; SR 26-00123456; ZIP 21201-1234
E12条文件，H1栋厂房，批次E20261118，A380飞机
""".strip().splitlines()


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_is_left_alone(sentence):
    assert mask(sentence) == sentence


pieces = st.sampled_from(
    ["13800138000", "0762-3388123", "441602199001011234", "电话", "：", "，", " ", "张三", "先生", "姓名",
     "3栋", "501室", "2单元", "E12345678", "粤P12345", "微信", "QQ", "abc123", "一三八零零一三八零零零",
     "6222021234567890128", "-", "*", "****", "业主", "投诉人", "李", "@a.cn", "8", "花园"]
)  # fmt: skip


@given(st.lists(pieces, max_size=9).map("".join))
def test_masking_settles_whatever_stands_side_by_side(text):
    once = mask(text)
    assert mask(once) == once


@given(st.text(alphabet="张王李先生女士姓名联系人：，电话0123456789- 栋单元室号粤P", max_size=40))
def test_masking_any_text_settles(text):
    once = mask(text)
    assert mask(once) == once


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["3-4-4", "3 4 4", "5 6", "11"]),
)
def test_no_mobile_is_left_to_read(number, form):
    parts, at = [], 0
    gap = "-" if "-" in form else " "
    for size in map(int, form.replace("-", " ").split()):
        parts.append(number[at : at + size])
        at += size
    masked = mask(f"请回电{gap.join(parts)}谢谢")
    assert number not in masked.replace("-", "").replace(" ", "")


# ---- where it is applied ----


def test_a_request_is_stored_without_whom_it_names(store):
    row = payloads.request(
        "P-1", "01", description="投诉人：张三丰，电话13800138000，反映噪音",
        address="源城区兴源路12号锦绣花园3栋2单元501室", address_string="x",
        email="a@b.cn", phone="13800138000", first_name="三丰", last_name="张", account_id="77", device_id="D9",
    )  # fmt: skip
    take(store, "hotline", payloads.requests(row))
    from data import models as m

    (case,) = rows_of(store, m.cases)
    assert case.title == "投诉人：张**，电话138****8000，反映噪音"
    assert case.address.endswith("3栋***")
    stored = " ".join(str(v) for v in case)
    for secret in ("13800138000", "三丰", "a@b.cn", "D9", "501"):
        assert secret not in stored


def test_a_refused_row_does_not_keep_the_number_it_was_refused_for(store):
    from data import models as m

    take(store, "hotline", payloads.requests(payloads.request("P-2", "01")))
    (run,) = [r.id for r in rows_of(store, m.ingest_run)][:1]
    with store.write() as conn:
        keep_problems(
            conn,
            run,
            [Problem("bad_area", 1, "address", "张建国先生 13800138000", "电话13800138000")],
        )
    (kept,) = rows_of(store, m.quarantine, m.quarantine.c.reason == "bad_area")
    assert (kept.value, kept.detail) == ("张**先生 138****8000", "电话138****8000")
